import { SaeError } from "@sae/core";

/** Counts of values in bins of equal width. */
export interface Histogram {
  /** Bin i covers [edges[i], edges[i + 1]), the last one its upper edge too; `counts.length + 1` of them. */
  readonly edges: number[];
  readonly counts: number[];
  /** Values outside the range or not a number: in no bin. */
  readonly outside: number;
}

/**
 * Histogram over [from, to]; without options, cosines in bins of 0.02.
 *
 * @throws SaeError `invalid_argument` unless `bins` is a positive integer and from < to
 */
export function histogram(
  values: ArrayLike<number>,
  { bins = 100, from = -1, to = 1 }: { bins?: number; from?: number; to?: number } = {},
): Histogram {
  if (!Number.isInteger(bins) || bins < 1 || !(from < to)) {
    throw new SaeError(
      "invalid_argument",
      `histogram: needed a positive number of bins and from < to, got ${bins} bins over [${from}, ${to}]`,
    );
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? to : from + ((to - from) * i) / bins));
  const counts = new Array<number>(bins).fill(0);
  let outside = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= from && value <= to)) {
      outside += 1;
      continue;
    }
    let bin = Math.min(bins - 1, Math.floor(((value - from) / (to - from)) * bins));
    // The division can land one bin off when the value is an edge; the edges are what a reader sees.
    if (value < edges[bin]) bin -= 1;
    else if (bin < bins - 1 && value >= edges[bin + 1]) bin += 1;
    counts[bin] += 1;
  }
  return { edges, counts, outside };
}
