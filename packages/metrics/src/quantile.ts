import { nothingMeasured } from "./rows.js";

/**
 * Quantile of values in ascending order, interpolated linearly between the two nearest (type 7: NumPy's and R's default).
 *
 * @param sorted - ascending, at least one value
 * @param q - in [0, 1]; 0.5 is the median
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw nothingMeasured("quantile", "value");
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  // A difference of equal values must not pick up rounding.
  return low === high ? low : low + (high - low) * (position - below);
}
