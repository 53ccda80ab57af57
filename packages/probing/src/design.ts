// Shape legend: X [rows, columns], one row a text and one column a latent; w [columns], r [rows].
import { SaeError } from "@sae/core";
import type { SparseRows } from "./sparseRows.js";

/** A matrix X as the fit of a probe needs it, however it is stored. */
export interface Design {
  readonly rows: number;
  readonly columns: number;
  /** out = row i of X */
  row(i: number, out: Float64Array): void;
  /** out = X w */
  times(w: Float64Array, out: Float64Array): void;
  /** out = Xᵀ r */
  transposeTimes(r: Float64Array, out: Float64Array): void;
  /** out[j] = Σᵢ rᵢ xᵢⱼ² */
  weightedSquares(r: Float64Array, out: Float64Array): void;
}

/**
 * A dense matrix.
 *
 * @param x - [rows, columns]
 * @throws SaeError `shape_mismatch`
 */
export function denseDesign(x: Float64Array, rows: number, columns: number): Design {
  if (x.length !== rows * columns) {
    throw new SaeError("shape_mismatch", `denseDesign: needed [${rows}, ${columns}], got ${x.length} numbers`);
  }
  const overColumns = (r: Float64Array, out: Float64Array, of: (value: number) => number) => {
    out.fill(0);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) out[j] += r[i] * of(x[i * columns + j]);
    }
  };
  return {
    rows,
    columns,
    row: (i, out) => out.set(x.subarray(i * columns, (i + 1) * columns)),
    times: (w, out) => {
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += x[i * columns + j] * w[j];
        out[i] = sum;
      }
    },
    transposeTimes: (r, out) => overColumns(r, out, (value) => value),
    weightedSquares: (r, out) => overColumns(r, out, (value) => value * value),
  };
}

/** Some rows of a sparse matrix, in the order given; nothing is copied. */
export function sparseDesign({ columns, starts, indices, values }: SparseRows, chosen: ArrayLike<number>): Design {
  const rows = chosen.length;
  return {
    rows,
    columns,
    row: (i, out) => {
      out.fill(0);
      for (let at = starts[chosen[i]]; at < starts[chosen[i] + 1]; at++) out[indices[at]] = values[at];
    },
    times: (w, out) => {
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        const end = starts[chosen[i] + 1];
        for (let at = starts[chosen[i]]; at < end; at++) sum += values[at] * w[indices[at]];
        out[i] = sum;
      }
    },
    transposeTimes: (r, out) => {
      out.fill(0);
      for (let i = 0; i < rows; i++) {
        const end = starts[chosen[i] + 1];
        for (let at = starts[chosen[i]]; at < end; at++) out[indices[at]] += r[i] * values[at];
      }
    },
    weightedSquares: (r, out) => {
      out.fill(0);
      for (let i = 0; i < rows; i++) {
        const end = starts[chosen[i] + 1];
        for (let at = starts[chosen[i]]; at < end; at++) out[indices[at]] += r[i] * values[at] ** 2;
      }
    },
  };
}
