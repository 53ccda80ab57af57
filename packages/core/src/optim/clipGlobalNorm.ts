import { add, div, minimum, mul } from "../ops/binary.js";
import { sum } from "../ops/reduce.js";
import { sqrt, square } from "../ops/unary.js";
import { constant, type Tensor } from "../tensor.js";

/** √ΣΣ g² over all the gradients: a scalar. */
export const globalNorm = (gradients: readonly Tensor[]): Tensor =>
  sqrt(gradients.map((gradient) => sum(square(gradient))).reduce((total, part) => add(total, part), constant(0)));

/** What clipping to a total norm of `maxNorm` multiplies gradients of this norm by: min(1, maxNorm / (norm + 1e-6)), as `torch.nn.utils.clip_grad_norm_` does. */
export const clipFactor = (norm: Tensor, maxNorm: number): Tensor => minimum(div(maxNorm, add(norm, 1e-6)), 1);

/**
 * Scales all gradients by `clipFactor` of their total norm.
 * @returns the scaled gradients and the norm before
 */
export function clipGlobalNorm(gradients: readonly Tensor[], maxNorm: number): { gradients: Tensor[]; norm: Tensor } {
  const norm = globalNorm(gradients);
  const factor = clipFactor(norm, maxNorm);
  return { gradients: gradients.map((gradient) => mul(gradient, factor)), norm };
}
