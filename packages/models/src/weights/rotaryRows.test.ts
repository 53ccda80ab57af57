import { describe, expect, test } from "vitest";
import { interleaved, namedValues } from "./namedWeights.testkit.js";
import { interleavedRow, orderRows } from "./rotaryRows.js";

describe("interleaved rows in the split order", () => {
  test("one head of 6: the pairs are (0, 1), (2, 3), (4, 5), and become (0, 3), (1, 4), (2, 5)", () => {
    expect([0, 1, 2, 3, 4, 5].map((row) => interleavedRow(row, 6))).toEqual([0, 2, 4, 1, 3, 5]);
  });

  test("each head for itself", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((row) => interleavedRow(row, 4))).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
  });

  test("heads of 2 are the same in both orders", () => {
    expect([0, 1, 2, 3].map((row) => interleavedRow(row, 2))).toEqual([0, 1, 2, 3]);
  });

  test.each([
    [1, 2, 1],
    [3, 8, 5],
    [2, 64, 3],
  ])("%i heads of %i: undoes what the converter does", (heads, dHead, width) => {
    const split = namedValues("w", [heads * dHead, width]);
    const rows = heads * dHead;
    expect(orderRows(interleaved(split, dHead, width), rows, (row) => interleavedRow(row, dHead))).toEqual(split);
  });
});

describe("orderRows", () => {
  test("of a matrix and of a vector", () => {
    const reversed = (row: number): number => 2 - row;
    expect(orderRows(Float32Array.of(1, 2, 3, 4, 5, 6), 3, reversed)).toEqual(Float32Array.of(5, 6, 3, 4, 1, 2));
    expect(orderRows(Float32Array.of(1, 2, 3), 3, reversed)).toEqual(Float32Array.of(3, 2, 1));
  });

  test("of nothing", () => {
    expect(orderRows(new Float32Array(0), 0, (row) => row)).toEqual(new Float32Array(0));
  });
});
