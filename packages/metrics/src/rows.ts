// Shape legend: N rows (tokens, latents, …), W width of a row (dModel or dSae). Row-major, row r starts at r·W.
import { SaeError } from "@sae/core";

/** A row-major matrix without its sizes: the width travels beside it as `dModel` or `dSae`. */
export type Rows = Float32Array | Float64Array;

/**
 * The number of rows in `data`.
 *
 * @param operation - name used in the error text
 * @param data - [rows, width]
 * @throws SaeError `shape_mismatch` when the width is not a positive integer or does not divide the length
 */
export function rowCount(operation: string, data: Rows, width: number): number {
  if (!Number.isInteger(width) || width < 1) {
    throw new SaeError("shape_mismatch", `${operation}: needed a row width that is a positive integer, got ${width}`);
  }
  const rows = data.length / width;
  if (!Number.isInteger(rows)) {
    throw new SaeError(
      "shape_mismatch",
      `${operation}: needed a length divisible by the row width ${width}, got ${data.length}; pass whole rows`,
    );
  }
  return rows;
}

/**
 * The number of rows that `a` and `b` share.
 *
 * @throws SaeError `shape_mismatch` when they differ in length or hold a partial row
 */
export function pairedRowCount(operation: string, a: Rows, b: Rows, width: number): number {
  if (a.length !== b.length) {
    throw new SaeError(
      "shape_mismatch",
      `${operation}: needed two arrays of one length, got ${a.length} and ${b.length}`,
    );
  }
  return rowCount(operation, a, width);
}

/** @throws SaeError `non_finite` for NaN or infinity: sorted behind all numbers, it would spoil one end of an interval and leave the other */
export function checkFinite(operation: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new SaeError(
        "non_finite",
        `${operation}: needed finite values, got ${values[i]} at ${i}; leave out what has no value`,
      );
    }
  }
}

/** Raised by every metric that was asked for a value before it saw anything. */
export const nothingMeasured = (operation: string, what: string): SaeError =>
  new SaeError(
    "nothing_measured",
    `${operation}: needed at least one ${what}, got none; add a batch before reading the value`,
  );
