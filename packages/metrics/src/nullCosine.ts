// The cosine between a fixed direction and directions drawn uniformly from the sphere: what chance alone reaches.
import { SaeError } from "@sae/core";
import { bisect } from "./bisect.js";
import { logRegularizedBeta } from "./regularizedBeta.js";

/**
 * ln P(cosine ≥ tau) of a fixed and a uniformly random direction in `dModel` dimensions: the exact share of the sphere in a
 * cap, where `capBound` is an upper bound.
 *
 * @param dModel - at least 2
 * @param tau - in [−1, 1]
 */
export function logCapProbability(dModel: number, tau: number): number {
  if (!(dModel >= 2) || !(tau >= -1 && tau <= 1)) {
    throw new SaeError(
      "invalid_argument",
      `logCapProbability: needed dModel ≥ 2 and tau in [-1, 1], got ${dModel} and ${tau}`,
    );
  }
  const lnHalf = logRegularizedBeta(1 - tau * tau, (dModel - 1) / 2, 0.5, tau * tau) - Math.LN2;
  return tau >= 0 ? lnHalf : Math.log1p(-Math.exp(lnHalf));
}

/**
 * Quantile of the best signed cosine that `candidates` independent random directions reach with a fixed one: the null for a
 * recovery score. `q` 0.025 and 0.975 make a 95 % band.
 *
 * P(best < c) = (1 − P(cosine ≥ c))^candidates, solved for c.
 *
 * @param options.dModel - at least 2
 * @param options.candidates - number of random directions, for instance the decoder rows; at least 1
 * @param options.q - in (0, 1); 0.5 is the median
 */
export function nullBestCosine(options: { dModel: number; candidates: number; q: number }): number {
  const { dModel, candidates, q } = options;
  if (!(candidates >= 1) || !(q > 0 && q < 1)) {
    throw new SaeError(
      "invalid_argument",
      `nullBestCosine: needed candidates ≥ 1 and q in (0, 1), got ${candidates} and ${q}`,
    );
  }
  const lnTail = Math.log(-Math.expm1(Math.log(q) / candidates));
  return bisect((tau) => lnTail - logCapProbability(dModel, tau), -1, 1);
}
