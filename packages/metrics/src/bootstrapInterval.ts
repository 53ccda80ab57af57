import { type Key, key as keyOf, sequence } from "@sae/core";
import { checkConfidence } from "./distributions.js";
import type { Interval } from "./interval.js";
import { meanAndSd } from "./meanAndSd.js";
import { quantile } from "./quantile.js";
import { nothingMeasured } from "./rows.js";

/** Settings of the bootstrap. */
export interface BootstrapOptions {
  /** Stream of the resamples. There is a default: the same values give the same interval, every time and everywhere. */
  readonly key?: Key;
  /** Number of resamples. */
  readonly resamples?: number;
  /** Coverage, 0.95 by default. */
  readonly confidence?: number;
}

/**
 * Mean with its percentile bootstrap interval: the middle `confidence` of the means of resamples drawn with replacement.
 *
 * Meant for values by the dozen or more (latents, tasks, tokens). With few values, such as seeds, the resampled means can
 * only be as spread out as those values, and the interval comes out much too short: use `studentInterval`.
 *
 * @param values - at least one; with a single value there is no interval
 * @throws SaeError `nothing_measured` without values
 */
export function bootstrapInterval(values: ArrayLike<number>, options: BootstrapOptions = {}): Interval {
  const { key = keyOf("bootstrap"), resamples = 10_000, confidence = 0.95 } = options;
  checkConfidence("bootstrapInterval", confidence);
  const n = values.length;
  if (n === 0) throw nothingMeasured("bootstrapInterval", "value");
  const { mean, sd } = meanAndSd(values);
  if (n === 1) return { mean, low: null, high: null, sd, n, confidence, method: "none" };
  const random = sequence(key);
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) sum += values[Math.floor((random() / 2 ** 32) * n)];
    means[resample] = sum / n;
  }
  means.sort();
  const tail = (1 - confidence) / 2;
  return {
    mean,
    low: quantile(means, tail),
    high: quantile(means, 1 - tail),
    sd,
    n,
    confidence,
    method: "bootstrap",
  };
}
