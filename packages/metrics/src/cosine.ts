// Shape legend: a [nA, dModel], b [nB, dModel], rows are directions.
import { SaeError } from "@sae/core";
import { pairedRowCount, type Rows, rowCount } from "./rows.js";

/** Whether an opposite direction counts as the same: `"absolute"` takes |cosine|. */
export type Similarity = "signed" | "absolute";

/**
 * `data` with every row scaled to length 1. A row of zeros has no direction: it stays zero, and its cosine with anything is 0.
 *
 * @param data - [rows, dModel]
 * @throws SaeError `shape_mismatch`; `non_finite` when a row holds NaN or infinity: no comparison with it would be true, and it would be nobody's closest row
 */
function unitRows(operation: string, data: Rows, dModel: number): Float64Array {
  const rows = rowCount(operation, data, dModel);
  const unit = Float64Array.from(data); // [rows, dModel]
  for (let row = 0; row < rows; row++) {
    const start = row * dModel;
    // Scaling by the largest entry first keeps squares of very small or very large entries in range.
    let largest = 0;
    for (let i = start; i < start + dModel; i++) largest = Math.max(largest, Math.abs(unit[i]));
    if (!Number.isFinite(largest)) {
      throw new SaeError(
        "non_finite",
        `${operation}: needed finite directions, got NaN or infinity in row ${row}; did the training diverge?`,
      );
    }
    if (largest === 0) continue;
    let sum = 0;
    for (let i = start; i < start + dModel; i++) {
      unit[i] /= largest;
      sum += unit[i] * unit[i];
    }
    const scale = 1 / Math.sqrt(sum);
    for (let i = start; i < start + dModel; i++) unit[i] *= scale;
  }
  return unit;
}

/** Σ over `width` entries of a[atA + i]·b[atB + i]; four partial sums, because one would wait for each addition. */
function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < width; i += 4) {
    s0 += a[atA + i] * b[atB + i];
    s1 += a[atA + i + 1] * b[atB + i + 1];
    s2 += a[atA + i + 2] * b[atB + i + 2];
    s3 += a[atA + i + 3] * b[atB + i + 3];
  }
  for (; i < width; i++) s0 += a[atA + i] * b[atB + i];
  return s0 + s1 + (s2 + s3);
}

/** Cosine of every row of `a` with every row of `b`, given to `visit` row by row of `a`, nothing stored; throws as {@link unitRows}. */
export function forEachCosine(
  operation: string,
  a: Rows,
  b: Rows,
  dModel: number,
  visit: (rowA: number, rowB: number, cosine: number) => void,
): void {
  const unitA = unitRows(operation, a, dModel); // [nA, dModel]
  const unitB = a === b ? unitA : unitRows(operation, b, dModel); // [nB, dModel]
  const nA = unitA.length / dModel;
  const nB = unitB.length / dModel;
  for (let i = 0; i < nA; i++) {
    for (let j = 0; j < nB; j++) visit(i, j, clamp(dot(unitA, i * dModel, unitB, j * dModel, dModel)));
  }
}

/** Cosine of every row of `a` with the same row of `b` [rows]; throws as {@link unitRows}. */
export function rowCosines(operation: string, a: Rows, b: Rows, dModel: number): Float64Array {
  const rows = pairedRowCount(operation, a, b, dModel);
  const unitA = unitRows(operation, a, dModel);
  const unitB = unitRows(operation, b, dModel);
  const cosines = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    cosines[row] = clamp(dot(unitA, row * dModel, unitB, row * dModel, dModel));
  }
  return cosines;
}

/** Rounding can carry the cosine of two parallel rows past 1. */
const clamp = (cosine: number): number => Math.min(1, Math.max(-1, cosine));
