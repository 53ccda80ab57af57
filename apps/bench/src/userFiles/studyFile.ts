import { SaeError } from "@sae/core";
import { isFields } from "../options/mergeFields.js";
import { type Definition, type DefinitionKind, definitionsIn, exported } from "./definitionsIn.js";

/** A study of a user's file, before its options are checked. */
export type WrittenStudy = Readonly<Record<string, unknown>>;

/** What the module of a study exports, as its code. */
export const studyExample = "export default defineStudy({ … })";

/**
 * The study that a module exports.
 *
 * @param what how the module was named, for messages
 * @throws SaeError `no_definition`, with what is exported
 */
export function studyIn(exports: Readonly<Record<string, unknown>>, what: string): WrittenStudy {
  const study = exports.default;
  if (isFields(study)) return study;
  throw new SaeError(
    "no_definition",
    `${what}: needed a default export made by defineStudy, got ${exported(exports)}; write \`${studyExample}\``,
  );
}

const lists = { variant: "variants", baseline: "baselines" } as const;

/**
 * The architectures or baselines that a study brings itself, among those that it names.
 *
 * @throws SaeError `no_definition`, `bad_definition`, see `definitionsIn`
 */
export function studyDefinitions<Kind extends DefinitionKind>(
  study: WrittenStudy,
  kind: Kind,
  what: string,
): Definition<Kind>[] {
  const all = study[lists[kind]];
  const own = Array.isArray(all) ? all.filter((one) => typeof one !== "string") : [];
  return own.flatMap((one) => definitionsIn({ [lists[kind]]: one }, kind, what));
}

/** The study with its own architectures and baselines by their names. */
export function withNames(study: WrittenStudy): WrittenStudy {
  const named = Object.values(lists).flatMap((list) => {
    const all = study[list];
    return Array.isArray(all) ? [[list, all.map((one) => (isFields(one) ? one.name : one))]] : [];
  });
  return { ...study, ...Object.fromEntries(named) };
}
