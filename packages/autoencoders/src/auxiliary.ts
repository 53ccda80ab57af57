import {
  add,
  addRows,
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
  /** Gradients so far of the trained parameters, as they are stored (matrices with one row per latent). */
  readonly gradients: Readonly<Record<string, Tensor>>;
}

const tiny = 1e-30;

/**
 * Auxiliary loss of Gao et al. 2024 (arXiv 2406.04093, A.2) in dictionary_learning's normalisation: the kAux largest ReLU activations of dead latents
 * reconstruct the residual, which is a constant here; mean ‖e − ê‖² divided by the residual's variance mean ‖e − ē‖².
 *
 * The dead latents' rows are gathered, and their gradients added back to the rows they came from: work grows with the number of dead latents, and
 * is skipped while there is none.
 *
 * @returns the unweighted loss, and the gradients with its part added
 */
export function withAuxiliaryLoss({ x, xHat, p, dead, kAux, weight, gradients }: AuxiliaryArguments): {
  loss: Tensor;
  gradients: Record<string, Tensor>;
} {
  const residual = stopGradient(sub(x, xHat)); // [batch, dModel]
  const variance = mean(sum(square(sub(residual, mean(residual, [0], true))), [1]));
  const at = nonzero(dead); // [nDead]
  const { loss, ...parts } = cond<Record<string, Tensor>, Record<string, Tensor>>(
    greater(sum(dead), 0),
    {
      W_enc: gatherRows(transpose(p.W_enc), at), // [nDead, dModel]
      b_enc: gatherRows(p.b_enc, at),
      W_dec: gatherRows(p.W_dec, at),
      b_dec: p.b_dec,
    },
    ({ W_enc, b_enc, W_dec, b_dec }) => {
      const bias = sub(b_enc, reshape(matmul(W_enc, reshape(b_dec, [x.shape[1], 1])), b_enc.shape, b_enc));
      const active = relu(linear(x, W_enc, bias)); // [batch, nDead]
      const kept = mul(active, topkMask(stopGradient(active), kAux));
      const error = mean(sum(square(sub(residual, matmul(kept, W_dec))), [1]));
      const aux = where(greater(variance, tiny), div(error, maximum(variance, tiny)), 0);
      const [encoder, bEnc, decoder, bDec] = grad(aux, [W_enc, b_enc, W_dec, b_dec]);
      return { loss: aux, W_enc: encoder, b_enc: bEnc, W_dec: decoder, b_dec: bDec };
    },
    // No row: the gradients of the matrices have no row either.
    (rows) => ({
      loss: mul(sum(rows.b_dec), 0),
      ...Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, mul(row, 0)])),
    }),
  );
  const added = Object.entries(gradients).map(([name, gradient]) => {
    const part = parts[name] && mul(parts[name], weight);
    if (!part) return [name, gradient];
    return [name, name === "b_dec" ? add(gradient, part) : addRows(gradient, at, part)];
  });
  return { loss, gradients: Object.fromEntries(added) };
}
