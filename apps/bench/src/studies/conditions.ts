import type { AnyBaseline } from "@sae/baselines";
import { SaeError } from "@sae/core";
import { findBaseline, isUserBaseline, knownBaselines } from "../jobs/findByName.js";

/** How an architecture is trained: fully, as one of the random baselines, or as a control. */
export interface Condition {
  readonly baseline: AnyBaseline;
  /** Distribution of the random decoder rows. */
  readonly init: "iso" | "cov";
  /** Name in figures and files: `frozen_decoder`, `frozen_decoder_cov`. */
  readonly id: string;
  /** Name in tables: "Frozen decoder, cov". */
  readonly title: string;
  readonly role: "trained" | "baseline" | "control";
}

/** Baselines of the paper; what else the packages have are controls. */
const ofThePaper = ["frozen_decoder", "soft_frozen_decoder", "frozen_encoder"];

/** @param init `cov` only where rows are drawn */
export function conditionOf(name: string, init: "iso" | "cov" = "iso"): Condition {
  const baseline = findBaseline(name);
  if (init === "cov" && !baseline.drawn) {
    throw new SaeError(
      "bad_option",
      `baseline '${name}': draws no random rows, so iso or cov is not for it to choose; write '${name}' alone`,
    );
  }
  const isBaseline = ofThePaper.includes(name) || isUserBaseline(name);
  const role = name === "trained" ? "trained" : isBaseline ? "baseline" : "control";
  const isOneOfTwo = baseline.drawn && (role === "baseline" || init === "cov");
  const title = isOneOfTwo ? `${baseline.title}, ${init}` : baseline.title;
  return { baseline, init, id: init === "cov" ? `${name}_cov` : name, title, role };
}

/** Reads `frozen_decoder` or `frozen_decoder:cov`. */
export function parseCondition(text: string): Condition {
  const [name, init = "iso", ...rest] = text.split(":");
  if ((init !== "iso" && init !== "cov") || rest.length > 0) {
    throw new SaeError("bad_option", `needed NAME, NAME:iso or NAME:cov, got '${text}'`);
  }
  return conditionOf(name, init);
}

/** Every condition of the study, in the order of its tables. */
export const allConditions = [
  "trained",
  "frozen_decoder",
  "frozen_decoder:cov",
  "soft_frozen_decoder",
  "frozen_encoder",
  "frozen_encoder:cov",
  "random",
  "pca",
  "shuffled_decoder",
] as const;

/** {@link allConditions}, then the user's own baselines. */
export const knownConditions = (): readonly string[] => [
  ...allConditions,
  ...knownBaselines().flatMap(({ name }) => (isUserBaseline(name) ? [name] : [])),
];
