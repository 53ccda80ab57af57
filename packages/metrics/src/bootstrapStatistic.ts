import { type Key, key as keyOf, SaeError, sequence } from "@sae/core";
import { checkConfidence } from "./distributions.js";
import { quantile } from "./quantile.js";

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
 * Percentile bootstrap of any statistic of `n` items: the middle `confidence` of its values on resamples drawn with replacement.
 *
 * @param statistic - its value on the items with these numbers (the array is used again for the next resample)
 * @returns both ends; NaN for both when the statistic is NaN on a resample, which leaves its distribution unknown
 * @throws SaeError `invalid_argument` for a confidence outside (0, 1) or no items
 */
export function bootstrapStatistic(
  n: number,
  statistic: (items: Uint32Array) => number,
  options: BootstrapOptions = {},
): { readonly low: number; readonly high: number } {
  const { key = keyOf("bootstrap"), resamples = 10_000, confidence = 0.95 } = options;
  checkConfidence("bootstrapStatistic", confidence);
  if (!(n >= 1)) throw new SaeError("invalid_argument", `bootstrapStatistic: needed at least one item, got ${n}`);
  const random = sequence(key);
  const items = new Uint32Array(n);
  const values = Float64Array.from({ length: resamples }, () => {
    for (let draw = 0; draw < n; draw++) items[draw] = Math.floor((random() / 2 ** 32) * n);
    return statistic(items);
  });
  values.sort();
  // NaN is sorted behind all numbers: one end alone would look like an end.
  if (Number.isNaN(values[values.length - 1])) return { low: Number.NaN, high: Number.NaN };
  const tail = (1 - confidence) / 2;
  return { low: quantile(values, tail), high: quantile(values, 1 - tail) };
}
