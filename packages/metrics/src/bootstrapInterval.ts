import { type BootstrapOptions, bootstrapStatistic } from "./bootstrapStatistic.js";
import { checkConfidence } from "./distributions.js";
import type { Interval } from "./interval.js";
import { meanAndSd } from "./meanAndSd.js";
import { checkFinite, nothingMeasured } from "./rows.js";

/**
 * Mean with its percentile bootstrap interval: the middle `confidence` of the means of resamples drawn with replacement.
 *
 * Meant for values by the dozen or more (latents, tasks, tokens). With few values, such as seeds, the resampled means can
 * only be as spread out as those values, and the interval comes out much too short: use `studentInterval`.
 *
 * @param values - at least one; with a single value there is no interval
 * @throws SaeError `nothing_measured` without values; `non_finite` for NaN or infinity
 */
export function bootstrapInterval(values: ArrayLike<number>, options: BootstrapOptions = {}): Interval {
  const { confidence = 0.95 } = options;
  checkConfidence("bootstrapInterval", confidence);
  const n = values.length;
  if (n === 0) throw nothingMeasured("bootstrapInterval", "value");
  checkFinite("bootstrapInterval", values);
  const { mean, sd } = meanAndSd(values);
  if (n === 1) return { mean, low: null, high: null, sd, n, confidence, method: "none" };
  const meanOf = (items: Uint32Array): number => {
    let sum = 0;
    for (const item of items) sum += values[item];
    return sum / n;
  };
  return { mean, ...bootstrapStatistic(n, meanOf, options), sd, n, confidence, method: "bootstrap" };
}
