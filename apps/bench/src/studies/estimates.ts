import { type Interval, meanDifference, meanInterval, wilsonInterval } from "@sae/metrics";

/** A score of one run: the value, and the same score of equal parts of the held-out rows. */
export interface Scored {
  readonly value: number;
  readonly parts: readonly number[];
}

/** An interval moved to the value it is the uncertainty of; without one, a single value. */
const around = (value: number, interval: Interval): Interval => ({
  ...interval,
  mean: value,
  low: interval.low === null ? null : value + interval.low - interval.mean,
  high: interval.high === null ? null : value + interval.high - interval.mean,
});

/** Mean over seeds with its interval; for one seed the interval over the parts of the held-out rows. */
export function estimateOf(runs: readonly Scored[]): Interval {
  if (runs.length !== 1) return meanInterval(runs.map(({ value }) => value));
  const [{ value, parts }] = runs;
  return around(value, meanInterval(parts.length > 0 ? parts : [value]));
}

/** Mean difference a − b with its interval: paired by seed; for one seed, by the parts of the same held-out rows. */
export function differenceOf(a: readonly Scored[], b: readonly Scored[]): Interval {
  const values = (runs: readonly Scored[]) => runs.map(({ value }) => value);
  if (a.length !== 1 || b.length !== 1) return meanDifference(values(a), values(b));
  const isPaired = a[0].parts.length === b[0].parts.length && a[0].parts.length > 0;
  const parts = isPaired ? meanDifference(a[0].parts, b[0].parts) : meanInterval([a[0].value - b[0].value]);
  return around(a[0].value - b[0].value, parts);
}

/** Share of features: Wilson's interval for one seed, over seeds for several. */
export function shareOf(counts: readonly number[], of: number): Interval {
  return counts.length === 1 ? wilsonInterval(counts[0], of) : meanInterval(counts.map((count) => count / of));
}

/** What the intervals of estimates are over, for the small print. */
export const intervalBasis = (seeds: number): string =>
  seeds === 1
    ? "One seed: intervals are over equal parts of the held-out rows; they say nothing about another seed."
    : `Intervals are over ${seeds} seeds.`;
