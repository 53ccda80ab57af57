import { bootstrapInterval } from "./bootstrapInterval.js";
import type { BootstrapOptions } from "./bootstrapStatistic.js";
import type { Interval } from "./interval.js";
import { pairedDifferences } from "./pairedDifferenceInterval.js";
import { studentInterval } from "./studentInterval.js";

/** From this many values on the bootstrap's intervals are long enough to be trusted. */
const fewestForBootstrap = 20;

/**
 * Mean with the interval that suits the number of values: none for one, Student's t below 20 (seeds), bootstrap from 20 on
 * (latents, tasks). The result names the method.
 */
export function meanInterval(values: ArrayLike<number>, options: BootstrapOptions = {}): Interval {
  return values.length < fewestForBootstrap
    ? studentInterval(values, options.confidence)
    : bootstrapInterval(values, options);
}

/**
 * Mean of a − b over pairs with the interval that suits the number of pairs, as {@link meanInterval}.
 *
 * @throws SaeError `shape_mismatch` when the lengths differ
 */
export function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>, options: BootstrapOptions = {}): Interval {
  const interval = meanInterval(pairedDifferences("meanDifference", a, b), options);
  return interval.method === "bootstrap" ? { ...interval, method: "paired bootstrap" } : interval;
}
