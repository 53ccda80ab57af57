/*
 *   p, q logits [..., vocab]     divergences [...] in nats
 */
import type { Tensor } from "../tensor.js";
import { formatType, sameShape, shapeError } from "../tensorType.js";
import { mul, sub } from "./binary.js";
import { greater } from "./compare.js";
import { sum } from "./reduce.js";
import { logSoftmax } from "./softmax.js";
import { exp } from "./unary.js";
import { where } from "./where.js";

/**
 * Kullback-Leibler divergence KL(p ‖ q) = Σ p (log p − log q) of the next-token distributions at each position, in nats. Made of
 * log-softmaxes, so that a token which q all but rules out costs a large number and not infinity. A token whose probability under p is 0, a logit of
 * −∞ included, costs nothing and has no gradient; one that q alone rules out with a logit of −∞ costs infinity.
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
  const probability = exp(logP);
  // 0 · (−∞ + ∞) would be NaN.
  const difference = where(greater(probability, 0), sub(logP, logQ), 0);
  return sum(mul(probability, difference), [-1]);
}
