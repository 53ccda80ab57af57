import {
  broadcastLike,
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
  /** Tensors whose gradients are wanted. */
  readonly wrt: Readonly<Record<string, Tensor>>;
}

const tiny = 1e-30;

/**
 * Auxiliary loss of Gao et al. 2024 (arXiv 2406.04093, A.2) in dictionary_learning's normalisation: the kAux largest ReLU activations of dead latents
 * reconstruct the residual, which is a constant here; mean ‖e − ê‖² divided by the residual's variance mean ‖e − ē‖². With its gradients, because
 * all of it sits in a branch that is skipped while no latent is dead. Work grows with the number of dead latents only.
 */
export function auxiliaryLoss({ x, xHat, p, dead, kAux, wrt }: AuxiliaryArguments): {
  loss: Tensor;
  gradients: Record<string, Tensor>;
} {
  const residual = stopGradient(sub(x, xHat)); // [batch, dModel]
  const variance = mean(sum(square(sub(residual, mean(residual, [0], true))), [1]));
  const names = Object.keys(wrt);
  const { loss, ...gradients } = cond(
    greater(sum(dead), 0),
    { dead },
    ({ dead: mask }): Record<string, Tensor> => {
      const at = nonzero(mask); // [nDead]
      const rows = transpose(p.W_enc); // [dSae, dModel]
      const bias = sub(p.b_enc, reshape(matmul(rows, reshape(p.b_dec, [x.shape[1], 1])), [p.b_enc.shape[0]]));
      const active = relu(linear(x, gatherRows(rows, at), gatherRows(bias, at))); // [batch, nDead]
      const kept = mul(active, topkMask(stopGradient(active), kAux));
      const eHat = matmul(kept, gatherRows(p.W_dec, at)); // [batch, dModel]
      const error = mean(sum(square(sub(residual, eHat)), [1]));
      const aux = where(greater(variance, tiny), div(error, maximum(variance, tiny)), 0);
      const parts = grad(aux, Object.values(wrt));
      return { loss: aux, ...Object.fromEntries(names.map((name, i) => [name, parts[i]])) };
    },
    ({ dead: mask }): Record<string, Tensor> => {
      // Zeros that belong to the branch: built from its operand.
      const zero = mul(sum(mask), 0);
      return { loss: zero, ...Object.fromEntries(names.map((name) => [name, broadcastLike(zero, wrt[name])])) };
    },
  );
  return { loss, gradients };
}
