import { SaeError } from "@sae/core";
import { bootstrapInterval } from "./bootstrapInterval.js";
import type { BootstrapOptions } from "./bootstrapStatistic.js";
import type { Interval } from "./interval.js";

/**
 * Mean of a − b over pairs with its bootstrap interval: both scores of one latent, task or seed are drawn together, so what
 * they share cancels. An interval clear of 0 is a difference; two overlapping intervals of a and b alone say little.
 *
 * @param a - scores of one side, for instance trained
 * @param b - scores of the other side on the same items in the same order, for instance a baseline
 * @throws SaeError `shape_mismatch` when the lengths differ; `nothing_measured` without pairs
 */
export function pairedDifferenceInterval(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions = {},
): Interval {
  const interval = bootstrapInterval(pairedDifferences("pairedDifferenceInterval", a, b), options);
  return interval.method === "none" ? interval : { ...interval, method: "paired bootstrap" };
}

/** a − b, item by item. */
export function pairedDifferences(operation: string, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length) {
    throw new SaeError(
      "shape_mismatch",
      `${operation}: needed one score of each side for every item, got ${a.length} and ${b.length}`,
    );
  }
  return Float64Array.from(a, (value, i) => value - b[i]);
}
