import { type Interval, meanInterval, wilsonInterval } from "@sae/metrics";

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

/** Share of features: Wilson's interval for one seed, over seeds for several. */
export function shareOf(counts: readonly number[], of: number): Interval {
  return counts.length === 1 ? wilsonInterval(counts[0], of) : meanInterval(counts.map((count) => count / of));
}

/** What the intervals of estimates are over, for the small print. */
export const intervalBasis = (seeds: number): string =>
  seeds === 1
    ? "One seed: intervals are over what was measured on its SAEs (parts of the held-out rows, contexts, tasks, latents); they say nothing about another seed."
    : `Intervals are over ${seeds} seeds and what was measured on their SAEs.`;
