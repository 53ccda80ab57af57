/** How an interval was made; a reader must be able to tell. */
export type IntervalMethod =
  /** Percentile bootstrap over the values. */
  | "bootstrap"
  /** Percentile bootstrap over paired differences. */
  | "paired bootstrap"
  /** Student's t over the values. */
  | "student t"
  /** Wilson's score interval for a proportion. */
  | "wilson"
  /** `hierarchicalBootstrap` of one seed: says nothing about another. */
  | "bootstrap over units"
  /** `hierarchicalBootstrap` where there is nothing but seeds to resample. */
  | "bootstrap over seeds"
  /** `hierarchicalBootstrap` of both. */
  | "bootstrap over seeds and units"
  /** A single value: no interval. */
  | "none";

/** A mean with its uncertainty. */
export interface Interval {
  readonly mean: number;
  /** Lower end; null when the method is `"none"`. */
  readonly low: number | null;
  /** Upper end; null when the method is `"none"`. */
  readonly high: number | null;
  /** Standard deviation of the values (n − 1 in the denominator); null for one value, and for a proportion. */
  readonly sd: number | null;
  /** Number of values. */
  readonly n: number;
  /** Probability that an interval made this way covers the true mean, such as 0.95. */
  readonly confidence: number;
  readonly method: IntervalMethod;
}
