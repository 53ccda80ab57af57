import { type AnySae, variants } from "@sae/autoencoders";
import { type AnyBaseline, baselines } from "@sae/baselines";
import { SaeError } from "@sae/core";
import { didYouMean } from "../nearest.js";

/** A definition, and the hash of the user's file that it is from; those of the packages have none. */
interface Known<Definition> {
  readonly definition: Definition;
  readonly sha256?: string;
}

/**
 * What can be named in this process. Definitions of the user's files are added once, before the command reads its options or a worker its job;
 * nothing is ever replaced.
 */
const known = {
  variant: variants.map((definition): Known<AnySae> => ({ definition })),
  baseline: baselines.map((definition): Known<AnyBaseline> => ({ definition })),
};

/** Every architecture that can be named: those of the packages, then the user's. */
export const knownVariants = (): readonly AnySae[] => known.variant.map(({ definition }) => definition);

/** Every baseline that can be named: those of the packages, then the user's. */
export const knownBaselines = (): readonly AnyBaseline[] => known.baseline.map(({ definition }) => definition);

/** @throws SaeError `unknown_variant`, with the nearest name */
export const findVariant = (name: string): AnySae => find<AnySae>(known.variant, name, "variant").definition;

/** @throws SaeError `unknown_baseline`, with the nearest name */
export const findBaseline = (name: string): AnyBaseline =>
  find<AnyBaseline>(known.baseline, name, "baseline").definition;

/** Whether a baseline is the user's own. */
export const isUserBaseline = (name: string): boolean => find(known.baseline, name, "baseline").sha256 !== undefined;

/** The part of a training job's config that says which of the user's files it depends on; nothing for what the packages define. */
export function definedBy(variant: string, baseline: string): Record<string, { sha256: string }> {
  const of = {
    variantFile: find(known.variant, variant, "variant"),
    baselineFile: find(known.baseline, baseline, "baseline"),
  };
  return Object.fromEntries(
    Object.entries(of).flatMap(([part, { sha256 }]) => (sha256 === undefined ? [] : [[part, { sha256 }]])),
  );
}

/**
 * Adds an architecture of the user's. The same one of the same file twice is one.
 *
 * @param what the file, for messages
 * @throws SaeError `name_taken`
 */
export const addVariant = (definition: AnySae, sha256: string, what: string): void =>
  add(known.variant, { definition, sha256 }, "an architecture", what);

/** Adds a baseline of the user's, as {@link addVariant}. */
export const addBaseline = (definition: AnyBaseline, sha256: string, what: string): void =>
  add(known.baseline, { definition, sha256 }, "a baseline", what);

function add<Named extends { readonly name: string }>(
  list: Known<Named>[],
  added: Known<Named>,
  kind: string,
  what: string,
): void {
  const { name } = added.definition;
  const taken = list.find(({ definition }) => definition.name === name);
  if (taken === undefined) list.push(added);
  else if (taken.sha256 !== added.sha256) {
    const owner = taken.sha256 === undefined ? "this program" : "another file";
    throw new SaeError("name_taken", `${what}: '${name}' is ${kind} of ${owner} already; give yours another name`);
  }
}

function find<Named extends { readonly name: string }>(
  list: readonly Known<Named>[],
  name: string,
  what: string,
): Known<Named> {
  const found = list.find(({ definition }) => definition.name === name);
  if (found) return found;
  const names = list.map(({ definition }) => definition.name);
  throw new SaeError(
    `unknown_${what}`,
    `${what}: needed one of ${names.join(", ")}, got '${name}'${didYouMean(name, names)}`,
  );
}
