import type { HierarchicalBootstrap } from "./hierarchicalBootstrap.js";
import type { Interval } from "./interval.js";
import { meanAndSd } from "./meanAndSd.js";
import { quantile } from "./quantile.js";

/**
 * A statistic of resampled scores with the middle `confidence` of its values on the resamples; its standard deviation is over seeds.
 *
 * @param statistic - of the scores of the sides, in their order
 */
export function resampledInterval(
  { scores, seeds, resamples, method, n, confidence }: HierarchicalBootstrap,
  statistic: (scores: Float64Array) => number,
): Interval {
  const common = { mean: statistic(scores), sd: meanAndSd(seeds.map(statistic)).sd, n, confidence, method };
  if (resamples.length === 0) return { ...common, low: null, high: null };
  const values = Float64Array.from(resamples, statistic).sort();
  const tail = (1 - confidence) / 2;
  return { ...common, low: quantile(values, tail), high: quantile(values, 1 - tail) };
}
