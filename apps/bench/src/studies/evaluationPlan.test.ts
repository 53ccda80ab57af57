import { expect, test } from "vitest";
import type { EvaluationSite } from "../evaluations/evaluation.js";
import { exitCodeOf } from "../exitCodes.js";
import type { Job } from "../jobs/job.js";
import { planBaselines } from "./baselinesPlan.js";
import { parseCondition } from "./conditions.js";
import { type EvaluationChoice, planEvaluation } from "./evaluationPlan.js";

const harvest: Job = { kind: "harvest", version: 1, config: {}, needs: {}, local: {}, title: "harvest" };
const site: EvaluationSite = { model: "tiny", identity: {}, hook: "hook", harvest, local: {}, seed: 0 };
const baselines = planBaselines({
  data: (seed) => ({ kind: "harvest", seed, heldOut: 0.1 }),
  dModel: 4,
  activations: harvest,
  variants: ["topk", "relu"],
  conditions: [],
  l0s: [2, 4],
  seeds: [0],
  recipe: { dSae: 16, steps: 1 },
  local: {},
});
const plan = (choice: EvaluationChoice) => planEvaluation(choice, site, baselines);

test("an evaluation is made of every SAE, or of those at its targets and of its architectures", () => {
  const made = (chosen: Omit<EvaluationChoice, "id">) =>
    plan({ id: "splice", ...chosen }).plan.runs.map(({ variant, l0 }) => `${variant} ${l0}`);
  expect(made({})).toEqual(["topk 2", "relu 2", "topk 4", "relu 4"]);
  expect(made({ l0s: [4] })).toEqual(["topk 4", "relu 4"]);
  expect(made({ l0s: [4], variants: ["relu"] })).toEqual(["relu 4"]);
});

test("a lean one is made of what the paper's figures show", () => {
  const several = planBaselines({
    ...baselines.options,
    variants: ["topk", "batchtopk"],
    conditions: ["frozen_decoder", "random"].map(parseCondition),
  });
  const { runs } = planEvaluation({ id: "splice", isLean: true }, site, several).plan;
  expect(runs.map(({ variant, l0, condition }) => `${variant} ${l0} ${condition.id}`).sort()).toEqual([
    "batchtopk 2 frozen_decoder",
    "batchtopk 2 random",
    "batchtopk 2 trained",
    "batchtopk 4 frozen_decoder",
    "batchtopk 4 trained",
    "topk 2 frozen_decoder",
    "topk 2 trained",
  ]);
});

test("a control with the codes of the trained SAE is left out where nothing else is read", () => {
  const controlled = planBaselines({
    ...baselines.options,
    variants: ["topk"],
    l0s: [2],
    conditions: ["random", "shuffled_decoder"].map(parseCondition),
  });
  const conditionsOf = (id: string) => {
    const { runs, options, omitted } = planEvaluation({ id }, site, controlled).plan;
    return { evaluated: runs.map(({ condition }) => condition.id), planned: options.conditions.length, omitted };
  };
  expect(conditionsOf("splice")).toEqual({
    evaluated: ["trained", "random", "shuffled_decoder"],
    planned: 2,
    omitted: [],
  });
  expect(conditionsOf("autointerp")).toEqual({
    evaluated: ["trained", "random"],
    planned: 1,
    omitted: ["Shuffled decoder: has the codes of the trained SAE, and nothing else is read here"],
  });
});

test.each<[EvaluationChoice, string]>([
  [{ id: "probing", config: { train: 0 } }, "--probing-train: Too small"],
  [{ id: "probing", config: { trian: 5 } }, "--probing-trian: probing has no such option; did you mean 'train'?"],
  [{ id: "ravel", config: { attributes: [1] } }, "--ravel-attributes: Invalid input: expected string"],
  [{ id: "autointerp", config: { explainer: { reach: -1 } } }, "--autointerp-explainer-reach: Too small"],
  [{ id: "splice", l0s: [3] }, "--splice-l0: needed targets of the study (2, 4), got 3; add them to --l0"],
  [
    { id: "splice", variants: ["jumprelu"] },
    "--splice-variants: needed architectures of the study (topk, relu), got jumprelu; add them to --variants",
  ],
])("%j is refused with the name of its option", (choice, message) => {
  let error: unknown;
  try {
    plan(choice);
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ code: "bad_option", message: expect.stringContaining(message) });
  expect(exitCodeOf(error)).toBe(2);
});
