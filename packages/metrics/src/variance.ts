// Shape legend: N rows, W width. Everything is accumulated in double precision.
import { type Rows, rowCount } from "./rows.js";

/** Running mean of every column and the centred sum of squares over all of them. */
export interface Variance {
  /** Takes in `data` [N, W]. */
  add(data: Rows): void;
  /** Rows seen so far. */
  readonly rows: number;
  /** Mean of each column so far [W]. */
  readonly mean: Float64Array;
  /** Σ over rows and columns of (value − column mean)². */
  readonly sumSquares: number;
}

/**
 * Welford's update, one row at a time.
 *
 * The textbook Σx² − N·mean² loses every digit once the mean is large against the spread, as residual streams with a few
 * massive channels are; this form only ever squares differences.
 */
export function startVariance(width: number): Variance {
  const mean = new Float64Array(width);
  let rows = 0;
  let sumSquares = 0;
  return {
    add(data) {
      const count = rowCount("variance", data, width);
      for (let row = 0, at = 0; row < count; row++) {
        rows += 1;
        const weight = 1 / rows;
        for (let column = 0; column < width; column++, at++) {
          const value = data[at];
          const before = value - mean[column];
          const updated = mean[column] + before * weight;
          mean[column] = updated;
          sumSquares += before * (value - updated);
        }
      }
    },
    get rows() {
      return rows;
    },
    get mean() {
      return mean;
    },
    get sumSquares() {
      return sumSquares;
    },
  };
}

/** Σ over rows and columns of (value − column mean)² of one array [N, W]. */
export function centredSumSquares(data: Rows, width: number): number {
  const variance = startVariance(width);
  variance.add(data);
  return variance.sumSquares;
}

/** Σ a². */
export function sumSquares(a: Rows): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] ** 2;
  return sum;
}

/** Σ (a − b)². */
export function sumSquaredDifference(a: Rows, b: Rows): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** Σ a·b. */
export function sumProducts(a: Rows, b: Rows): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
