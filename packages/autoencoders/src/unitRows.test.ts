import { expect, test } from "vitest";
import { drawRows } from "./initialWeights.js";
import { unitRows } from "./unitRows.js";

const [dModel, dSae] = [7, 50];
const drawn = drawRows(3, { dModel, dSae }); // unit rows [dSae, dModel]

test("rows that have norm 1 but for rounding keep their bits", () => {
  expect(unitRows(drawn, dModel, "rows")).toEqual(drawn);
  const rounded = drawn.map((value) => value * (1 + 1e-6));
  expect(unitRows(rounded, dModel, "rows")).toEqual(rounded);
});

test("others keep their direction, also where squares underflow in single precision", () => {
  for (const norm of [1e-30, 0.1, 2, 1e30]) {
    const unit = unitRows(
      drawn.map((value) => value * norm),
      dModel,
      "rows",
    );
    for (const [i, value] of unit.entries()) expect(Math.abs(value - drawn[i])).toBeLessThan(2e-7);
  }
});

test("a row of zeros has none", () => {
  const rows = Float32Array.of(0, 3, 4, 0, 0, 0); // [2, 3]
  expect(() => unitRows(rows, 3, "rows")).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: rows: needed rows with a direction, got one of norm 0 (row 1); give it other starting weights]`,
  );
  expect(() => unitRows(Float32Array.of(Number.NaN), 1, "rows")).toThrow("got one of norm NaN (row 0)");
});
