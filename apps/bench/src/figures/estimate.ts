/** A plotted value with the ends of its interval; null where there is none. An `Interval` of @sae/metrics is one. */
export interface Estimate {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}
