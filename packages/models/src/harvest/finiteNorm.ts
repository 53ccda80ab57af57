import { SaeError } from "@sae/core";
import type { Context } from "./contexts.js";
import { norm } from "./norm.js";

/**
 * Euclidean norm of the activations of a token.
 *
 * @param values [dModel]
 * @param what first words of the error message
 * @throws SaeError `non_finite`
 */
export function finiteNorm(values: Float32Array, { number, tokens }: Context, position: number, what: string): number {
  const found = norm(values);
  if (Number.isFinite(found)) return found;
  throw new SaeError(
    "non_finite",
    `${what}: needed finite activations, got NaN or infinity in context ${number}, position ${position} (token ${tokens[position]}); check the weights, or leave this token out`,
  );
}
