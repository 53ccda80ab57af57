import { expect, test } from "vitest";
import { factorOn } from "./factorOn.js";

test("linear equations on some rows and columns", () => {
  const H = Float64Array.of(4, 9, 2, /**/ 9, 9, 9, /**/ 2, 9, 3); // rows 0 and 2: [[4, 2], [2, 3]]
  const p = factorOn(H, 3, [0, 2])?.([10, 9]);
  expect(p?.[0]).toBeCloseTo(1.5, 12);
  expect(p?.[1]).toBeCloseTo(2, 12);
  expect(factorOn(H, 3, [])?.([]).length).toBe(0);
  expect(factorOn(H, 3, [0, 1])).toBeNull(); // not positive definite
});
