import type { NormLimit } from "./harvestManifest.js";

/** Lets rows of ordinary norm through. */
export interface NormFilter<Row> {
  /** The limit once it is known. */
  readonly norms: NormLimit | null;
  /** Takes a row; hands on what is known to be ordinary, in order. */
  add(row: Row, norm: number): void;
  /** Fixes the limit from what has come so far, and hands on what waited for it. */
  settle(): void;
}

/**
 * Drops rows whose norm exceeds a multiple of the median norm. The median is that of the first rows, so that it is the same however the harvest is
 * interrupted; until there are enough of them, rows wait.
 *
 * @param multiple largest norm in medians
 * @param medianRows rows that the median is taken over
 * @param known the limit, when an earlier shard has fixed it
 */
export function normFilter<Row>(
  multiple: number,
  medianRows: number,
  known: NormLimit | null,
  keep: (row: Row) => void,
  drop: (row: Row) => void,
): NormFilter<Row> {
  let norms = known;
  let waiting: { row: Row; norm: number }[] = [];
  const decide = (row: Row, norm: number, limit: number): void => (norm > limit ? drop(row) : keep(row));
  const settle = (): void => {
    if (norms !== null || waiting.length === 0) return;
    const median = medianOf(waiting.map(({ norm }) => norm));
    norms = { median, limit: multiple * median };
    for (const { row, norm } of waiting) decide(row, norm, norms.limit);
    waiting = [];
  };
  return {
    get norms() {
      return norms;
    },
    add: (row, norm) => {
      if (norms !== null) return decide(row, norm, norms.limit);
      waiting.push({ row, norm });
      if (waiting.length === medianRows) settle();
    },
    settle,
  };
}

/** The middle value, or the mean of the two in the middle; needs one value at least. */
function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
