/*
 * A matrix [rows, columns] of which few entries are not zero. Row i has the entries starts[i] to starts[i + 1] − 1:
 *
 *   starts [rows + 1]     indices [entries]: columns, ascending in each row     values [entries]
 */

/** Rows with their non-zero entries; see the head of the file. */
export interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  readonly starts: Float64Array;
  readonly indices: Uint32Array;
  readonly values: Float64Array;
}

/** Collects rows whose number of entries is not known before. */
export interface SparseRowsBuilder {
  /** Adds a row: columns in ascending order, and their values. */
  addRow(indices: ArrayLike<number>, values: ArrayLike<number>): void;
  /** All rows so far. */
  read(): SparseRows;
}

/** An empty matrix to add rows to. */
export function buildSparseRows(columns: number): SparseRowsBuilder {
  let indices = new Uint32Array(1024);
  let values = new Float64Array(1024);
  const starts = [0];
  return {
    addRow: (rowIndices, rowValues) => {
      const start = starts[starts.length - 1];
      const end = start + rowIndices.length;
      if (end > indices.length) {
        const length = Math.max(end, 2 * indices.length);
        indices = grown(indices, new Uint32Array(length));
        values = grown(values, new Float64Array(length));
      }
      indices.set(rowIndices, start);
      values.set(rowValues, start);
      starts.push(end);
    },
    read: () => {
      const end = starts[starts.length - 1];
      return {
        rows: starts.length - 1,
        columns,
        starts: Float64Array.from(starts),
        indices: indices.slice(0, end),
        values: values.slice(0, end),
      };
    },
  };
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** A dense matrix [rows, columns] without its zeros. */
export function sparseRowsOf(x: ArrayLike<number>, columns: number): SparseRows {
  const builder = buildSparseRows(columns);
  for (let start = 0; start + columns <= x.length && columns > 0; start += columns) {
    const indices: number[] = [];
    for (let j = 0; j < columns; j++) if (x[start + j] !== 0) indices.push(j);
    builder.addRow(
      indices,
      indices.map((j) => x[start + j]),
    );
  }
  return builder.read();
}

/**
 * Some columns of some rows as a dense matrix.
 *
 * @returns [chosen.length, columns.length]
 */
export function denseColumns(
  { columns: width, starts, indices, values }: SparseRows,
  chosen: ArrayLike<number>,
  columns: ArrayLike<number>,
): Float64Array {
  const place = new Int32Array(width).fill(-1); // of each column in the result
  for (let j = 0; j < columns.length; j++) place[columns[j]] = j;
  const out = new Float64Array(chosen.length * columns.length);
  for (let i = 0; i < chosen.length; i++) {
    for (let at = starts[chosen[i]]; at < starts[chosen[i] + 1]; at++) {
      const j = place[indices[at]];
      if (j >= 0) out[i * columns.length + j] = values[at];
    }
  }
  return out;
}
