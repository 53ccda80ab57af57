import {
  add,
  cond,
  div,
  gatherRows,
  grad,
  greater,
  linear,
  matmul,
  maximum,
  mean,
  mul,
  nonzero,
  relu,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  topkMask,
  transpose,
  where,
} from "@sae/core";
import type { SaeParams } from "./defineSae.js";

export interface AuxiliaryArguments {
  /** [batch, dModel] */
  readonly x: Tensor;
  readonly xHat: Tensor;
  readonly p: SaeParams;
  /** [dSae]: 1 for dead latents. */
  readonly dead: Tensor;
  readonly kAux: number;
  /** Weight of the loss in the total. */
  readonly weight: number;
  /** Trained tensors, and their gradients so far. */
  readonly trained: readonly Tensor[];
  readonly gradients: readonly Tensor[];
}

const tiny = 1e-30;

/**
 * Auxiliary loss of Gao et al. 2024 (arXiv 2406.04093, A.2) in dictionary_learning's normalisation: the kAux largest ReLU activations of dead latents
 * reconstruct the residual, which is a constant here; mean ‖e − ê‖² divided by the residual's variance mean ‖e − ē‖².
 *
 * All of it, the gradient too, is in a branch that is skipped while no latent is dead, and its work grows with the number of dead latents only.
 *
 * @returns the unweighted loss, and the gradients with its part added
 */
export function withAuxiliaryLoss({ x, xHat, p, dead, kAux, weight, trained, gradients }: AuxiliaryArguments): {
  loss: Tensor;
  gradients: Tensor[];
} {
  const residual = stopGradient(sub(x, xHat)); // [batch, dModel]
  const variance = mean(sum(square(sub(residual, mean(residual, [0], true))), [1]));
  const named = Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient]));
  const results = cond<Record<string, Tensor>, Record<string, Tensor>>(
    greater(sum(dead), 0),
    { dead, ...named },
    ({ dead: mask, ...before }) => {
      const at = nonzero(mask); // [nDead]
      const rows = transpose(p.W_enc); // [dSae, dModel]
      const bias = sub(p.b_enc, reshape(matmul(rows, reshape(p.b_dec, [x.shape[1], 1])), [p.b_enc.shape[0]]));
      const active = relu(linear(x, gatherRows(rows, at), gatherRows(bias, at))); // [batch, nDead]
      const kept = mul(active, topkMask(stopGradient(active), kAux));
      const eHat = matmul(kept, gatherRows(p.W_dec, at)); // [batch, dModel]
      const error = mean(sum(square(sub(residual, eHat)), [1]));
      const aux = where(greater(variance, tiny), div(error, maximum(variance, tiny)), 0);
      const parts = grad(aux, trained);
      return {
        loss: aux,
        ...Object.fromEntries(parts.map((part, i) => [`gradient${i}`, add(before[`gradient${i}`], mul(part, weight))])),
      };
    },
    ({ dead: mask, ...before }) => ({ loss: mul(sum(mask), 0), ...before }),
  );
  return { loss: results.loss, gradients: gradients.map((_, i) => results[`gradient${i}`]) };
}
