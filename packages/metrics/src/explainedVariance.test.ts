import { expect, test } from "vitest";
import { explainedVariance } from "./explainedVariance.js";

test("answering the mean scores 0, and worse than the mean is negative", () => {
  const x = Float32Array.of(1, 3);
  expect(explainedVariance.of(x, Float32Array.of(2, 2), 1)).toBe(0);
  expect(explainedVariance.of(x, Float32Array.of(3, 1), 1)).toBe(-3);
});

test("a constant offset in the inputs explains nothing", () => {
  const shifted = (offset: number) =>
    explainedVariance.of(Float64Array.of(offset - 1, offset + 1), Float64Array.of(offset - 0.5, offset + 0.5), 1);
  expect(shifted(0)).toBe(0.75);
  // 1e9² needs 60 bits and the spread 1: a difference of squares in doubles would have lost it.
  expect(shifted(1e9)).toBe(0.75);
});

test("inputs that do not vary score 1 when reconstructed, else 0", () => {
  const x = Float32Array.of(3, 3, 3, 3);
  expect(explainedVariance.of(x, x, 2)).toBe(1);
  expect(explainedVariance.of(x, Float32Array.of(3, 3, 3, 2), 2)).toBe(0);
  expect(explainedVariance.of(Float32Array.of(7), Float32Array.of(7), 1)).toBe(1); // a single row cannot vary
});

test("a value that is not a number is not hidden", () => {
  expect(explainedVariance.of(Float32Array.of(1, 2), Float32Array.of(1, Number.NaN), 1)).toBeNaN();
});
