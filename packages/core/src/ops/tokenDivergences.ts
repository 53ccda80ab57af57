/*
 *   p, q logits [..., vocab]     divergences [...] in nats
 */
import type { Tensor } from "../tensor.js";
import { formatType, sameShape, shapeError } from "../tensorType.js";
import { mul, sub } from "./binary.js";
import { sum } from "./reduce.js";
import { logSoftmax } from "./softmax.js";
import { exp } from "./unary.js";

/**
 * Kullback-Leibler divergence KL(p ‖ q) = Σ p (log p − log q) of the next-token distributions at each position, in nats. Made of
 * log-softmaxes, so that a token which q all but rules out costs a large number and not infinity.
 *
 * @param p logits of the true distribution (the clean model's)
 * @param q logits of the one that stands in for it
 * @throws SaeError `shape_mismatch`
 */
export function tokenDivergences(p: Tensor, q: Tensor): Tensor {
  if (p.shape.length === 0 || !sameShape(p.shape, q.shape)) {
    throw shapeError("tokenDivergences", `logits like ${formatType(p)} on both sides`, [p, q]);
  }
  const [logP, logQ] = [logSoftmax(p), logSoftmax(q)];
  return sum(mul(exp(logP), sub(logP, logQ)), [-1]);
}
