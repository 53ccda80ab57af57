import { type AnySae, variants } from "@sae/autoencoders";
import { type AnyBaseline, baselines } from "@sae/baselines";
import { SaeError } from "@sae/core";
import { didYouMean } from "../nearest.js";

/** @throws SaeError `unknown_variant`, with the nearest name */
export const findVariant = (name: string): AnySae => find(variants, name, "variant");

/** @throws SaeError `unknown_baseline`, with the nearest name */
export const findBaseline = (name: string): AnyBaseline => find(baselines, name, "baseline");

function find<Named extends { readonly name: string }>(known: readonly Named[], name: string, what: string): Named {
  const found = known.find((candidate) => candidate.name === name);
  if (found) return found;
  const names = known.map((candidate) => candidate.name);
  throw new SaeError(
    `unknown_${what}`,
    `${what}: needed one of ${names.join(", ")}, got '${name}'${didYouMean(name, names)}`,
  );
}
