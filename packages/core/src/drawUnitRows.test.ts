import { describe, expect, test } from "vitest";
import { drawUnitRows } from "./drawUnitRows.js";
import { fillNormal, key } from "./random.js";

/** The definition, with all normal numbers held at once. */
function plainUnitRows(seed: string, rows: number, width: number, factors: readonly number[]): Float32Array {
  const normal = fillNormal(key(seed), new Float64Array(rows * width));
  return Float32Array.from(normal, (_, at) => {
    const first = at - (at % width);
    const row = Array.from({ length: width }, (_, i) => normal[first + i] * factors[i]);
    return row[at % width] * (1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)));
  });
}

describe("drawUnitRows", () => {
  test.each([
    [1, 1],
    [5, 1],
    [3, 7],
    [40, 33],
    [2, 700], // longer than what is drawn at a time
  ])("%i rows of %i: the bits of the definition, with and without a shape", (rows, width) => {
    const ones = Array.from({ length: width }, () => 1);
    expect(drawUnitRows(key("plain"), rows, width)).toEqual(plainUnitRows("plain", rows, width, ones));
    const factors = ones.map((_, i) => 1 / (1 + i));
    const stretch = (row: Float64Array) => {
      for (let i = 0; i < width; i++) row[i] *= factors[i];
    };
    expect(drawUnitRows(key("plain"), rows, width, stretch)).toEqual(plainUnitRows("plain", rows, width, factors));
  });

  test("no rows, or rows of nothing", () => {
    expect(drawUnitRows(key(0), 0, 5)).toEqual(new Float32Array(0));
    expect(drawUnitRows(key(0), 5, 0)).toEqual(new Float32Array(0));
  });

  test("uniform on the sphere: the mean is 0 and each coordinate has mean square 1/n", () => {
    const rows = drawUnitRows(key("uniform"), 40_000, 3);
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(rows)).toBeCloseTo(0, 1);
    for (const d of [0, 1, 2]) {
      const squares = rows.filter((_, i) => i % 3 === d).map((value) => value * value);
      expect(mean(squares)).toBeCloseTo(1 / 3, 2);
    }
  });

  test("a row that its shape makes zero has no direction and stays zero", () => {
    expect(drawUnitRows(key(0), 2, 3, (row) => row.fill(0))).toEqual(new Float32Array(6));
  });
});
