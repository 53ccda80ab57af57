import { SaeError } from "@sae/core";

/**
 * Smallest and largest of the values, for the domain of an axis.
 *
 * @throws SaeError `nothing_to_draw` without values, `not_finite` for NaN or infinity, which no axis can show
 */
export function extent(what: string, values: Iterable<number>): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw new SaeError("not_finite", `${what}: needed finite numbers to draw, got ${value}`);
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) throw new SaeError("nothing_to_draw", `${what}: needed at least one value to draw, got none`);
  return [low, high];
}
