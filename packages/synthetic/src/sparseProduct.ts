/*
 * Product of a sparse matrix and a dense one: row b of the result is Σ_j values[j] · matrix[columns[j]] over the entries
 * j of sparse row b, each product and each sum rounded to float32, in the order of the entries.
 *
 *   r rows of the sparse matrix, n its columns (rows of the dense matrix), d columns of the dense matrix
 */

import { SaeError } from "@sae/core";
import * as wasm from "./wasm.js";

/** A sparse matrix by rows (CSR): the entries of row b are those from `rowStart[b]` to `rowStart[b + 1] - 1`. */
export interface SparseRows {
  /** [r + 1], not decreasing, the first is 0. */
  readonly rowStart: Uint32Array;
  /** [entries], each below n. */
  readonly columns: Uint32Array;
  /** [entries] */
  readonly values: Float32Array;
}

/** Multiplies sparse rows [r, n] with the matrix it was made for; the result is [r, d]. */
export type SparseProduct = (sparse: SparseRows, out: Float32Array) => void;

/** The definition, slow and obvious. The fast path gives the same bits. */
export function sparseProductReference(
  { rowStart, columns, values }: SparseRows,
  matrix: Float32Array,
  d: number,
): Float32Array {
  const out = new Float32Array((rowStart.length - 1) * d);
  for (let row = 0; row + 1 < rowStart.length; row++) {
    for (let j = rowStart[row]; j < rowStart[row + 1]; j++) {
      for (let i = 0; i < d; i++) out[row * d + i] += Math.fround(values[j] * matrix[columns[j] * d + i]);
    }
  }
  return out;
}

/**
 * Prepares the fast path for one dense matrix: WebAssembly with 128-bit vectors, about eight times as fast as plain
 * JavaScript.
 *
 * @param matrix [n, d], copied
 */
export function sparseProduct(matrix: Float32Array, d: number): SparseProduct {
  const n = d === 0 ? 0 : matrix.length / d;
  const stride = Math.ceil(d / LANES) * LANES; // rows padded to whole vectors
  const matrixAt = 0;
  const sparseAt = matrixAt + 4 * n * stride;
  const memory = new WebAssembly.Memory({ initial: Math.max(1, pages(sparseAt)) });
  copyRows(matrix, d, new Float32Array(memory.buffer, matrixAt, n * stride), stride, d);
  module ??= new WebAssembly.Module(kernel());
  const { run } = new WebAssembly.Instance(module, { host: { memory } }).exports as {
    run: (...args: number[]) => void;
  };

  return ({ rowStart, columns, values }, out) => {
    const rows = rowStart.length - 1;
    if (out.length !== rows * d) {
      throw new SaeError(
        "shape_mismatch",
        `sparseProduct: needed an output of ${rows} × ${d} values, got ${out.length}`,
      );
    }
    const columnsAt = sparseAt + 4 * rowStart.length;
    const valuesAt = columnsAt + 4 * columns.length;
    const outAt = valuesAt + 4 * values.length;
    const missing = pages(outAt + 4 * rows * stride) - pages(memory.buffer.byteLength);
    if (missing > 0) memory.grow(missing);
    new Uint32Array(memory.buffer, sparseAt).set(rowStart);
    new Uint32Array(memory.buffer, columnsAt).set(columns);
    new Float32Array(memory.buffer, valuesAt).set(values);
    run(sparseAt, columnsAt, valuesAt, matrixAt, outAt, rows, 4 * stride);
    copyRows(new Float32Array(memory.buffer, outAt, rows * stride), stride, out, d, d);
  };
}

/** The part of the global `WebAssembly` that is used here; the ES library of TypeScript does not have it. */
declare const WebAssembly: {
  Memory: new (options: { initial: number }) => { buffer: ArrayBuffer; grow(pages: number): void };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { exports: object };
};

let module: object | undefined;

const LANES = 4;
const VECTOR_BYTES = 16;
const VECTORS_AT_ONCE = 4;
const PAGE_BYTES = 65536;

const pages = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES);

function copyRows(from: Float32Array, fromStride: number, to: Float32Array, toStride: number, width: number): void {
  if (fromStride === toStride) {
    to.set(from);
    return;
  }
  const rows = fromStride === 0 ? 0 : from.length / fromStride;
  for (let row = 0; row < rows; row++) {
    to.set(from.subarray(row * fromStride, row * fromStride + width), row * toStride);
  }
}

/**
 * For each sparse row, and in it for each group of four vectors of columns (then for each single vector that is left),
 * the entries are summed in registers and the sum is stored.
 */
function kernel(): Uint8Array<ArrayBuffer> {
  const { get, set, add, i32 } = wasm;
  const [rowStart, columns, values, matrix, out, rows, strideBytes] = [0, 1, 2, 3, 4, 5, 6];
  const [entry, end, column, source] = [7, 8, 9, 10]; // column: its byte offset in a dense row
  const sums = [11, 12, 13, 14];
  const value = 15;

  const sumVectors = (count: number): wasm.Code => {
    const used = sums.slice(0, count);
    return [
      used.map((sum) => set(sum, wasm.zeroF32x4)),
      set(entry, wasm.loadI32(get(rowStart))),
      wasm.repeatUntil(wasm.isAtLeast(get(entry), get(end)), [
        set(value, wasm.splatF32x4(add(get(values), wasm.shiftLeft(get(entry), 2)))),
        set(source, wasm.loadI32(add(get(columns), wasm.shiftLeft(get(entry), 2)))),
        set(source, add(add(get(matrix), wasm.multiply(get(source), get(strideBytes))), get(column))),
        used.map((sum, i) =>
          set(
            sum,
            wasm.addF32x4(get(sum), wasm.multiplyF32x4(get(value), wasm.loadF32x4(get(source), VECTOR_BYTES * i))),
          ),
        ),
        set(entry, add(get(entry), i32(1))),
      ]),
      used.map((sum, i) => wasm.storeF32x4(add(get(out), get(column)), VECTOR_BYTES * i, get(sum))),
      set(column, add(get(column), i32(VECTOR_BYTES * count))),
    ];
  };

  const body = wasm.repeatUntil(wasm.isZero(get(rows)), [
    set(end, wasm.loadI32(get(rowStart), 4)),
    set(column, i32(0)),
    wasm.repeatUntil(
      wasm.isAbove(add(get(column), i32(VECTOR_BYTES * VECTORS_AT_ONCE)), get(strideBytes)),
      sumVectors(VECTORS_AT_ONCE),
    ),
    wasm.repeatUntil(wasm.isAtLeast(get(column), get(strideBytes)), sumVectors(1)),
    set(rowStart, add(get(rowStart), i32(4))),
    set(out, add(get(out), get(strideBytes))),
    set(rows, wasm.subtract(get(rows), i32(1))),
  ]);
  return wasm.assemble(7, 4, 5, body);
}
