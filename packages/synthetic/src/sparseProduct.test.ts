import { fillNormal, fillUniform, fold, key } from "@sae/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type SparseRows, sparseProduct, sparseProductReference } from "./sparseProduct.js";

test("two sparse rows times a matrix of three rows", () => {
  const matrix = Float32Array.of(1, 2, 10, 20, 100, 200); // [3, 2]
  const sparse = { rowStart: Uint32Array.of(0, 2, 2), columns: Uint32Array.of(0, 2), values: Float32Array.of(3, -1) };
  const expected = Float32Array.of(3 - 100, 6 - 200, 0, 0);
  expect(sparseProductReference(sparse, matrix, 2)).toEqual(expected);
  const out = new Float32Array(4).fill(7); // what was there is replaced
  sparseProduct(matrix, 2)(sparse, out);
  expect(out).toEqual(expected);
});

/** Rows with 0 to 12 entries in random columns, in no order and with repeats. */
function randomSparse(seed: number, rows: number, columns: number): SparseRows {
  const random = fillUniform(fold(key(seed), "sparse"), new Float64Array(rows * 13));
  const rowStart = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) rowStart[row + 1] = rowStart[row] + Math.floor(random[row] * 13);
  const entries = rowStart[rows];
  return {
    rowStart,
    columns: Uint32Array.from({ length: entries }, (_, j) => Math.floor(random[rows + j] * columns)),
    values: fillNormal(fold(key(seed), "values"), new Float32Array(entries)),
  };
}

test("the fast path gives the bits of the reference, for any sizes", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(30), fc.integer({ min: 1, max: 20 }), fc.nat(70), (seed, rows, columns, width) => {
      const matrix = fillNormal(key(seed), new Float32Array(columns * width));
      const sparse = randomSparse(seed, rows, columns);
      const out = new Float32Array(rows * width);
      sparseProduct(matrix, width)(sparse, out);
      expect(out).toEqual(sparseProductReference(sparse, matrix, width));
    }),
  );
});

test("its memory grows with the batch, and a smaller batch after a larger one is right", () => {
  const matrix = fillNormal(key(1), new Float32Array(20 * 6));
  const multiply = sparseProduct(matrix, 6);
  for (const rows of [3, 20_000, 1, 40_000]) {
    const sparse = randomSparse(rows, rows, 20);
    const out = new Float32Array(rows * 6);
    multiply(sparse, out);
    expect(out).toEqual(sparseProductReference(sparse, matrix, 6));
  }
});

test("an output of another size", () => {
  const sparse = { rowStart: Uint32Array.of(0, 0), columns: new Uint32Array(0), values: new Float32Array(0) };
  expect(() => sparseProduct(Float32Array.of(1, 2), 2)(sparse, new Float32Array(3))).toThrow(
    "sparseProduct: needed an output of 1 × 2 values, got 3",
  );
});
