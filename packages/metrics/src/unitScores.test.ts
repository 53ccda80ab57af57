import { describe, expect, test } from "vitest";
import { unitScores } from "./unitScores.js";

describe("unitScores", () => {
  test("is the mean of one group", () => {
    expect(unitScores([0, 1, 1, 0].map((value, i) => ({ id: `${i}`, value }))).value).toBe(0.5);
  });

  test("counts groups alike, however many units they have", () => {
    const units = [
      { id: "france", group: "country", value: 1 },
      { id: "japan", group: "country", value: 0 },
      { id: "peru", group: "country", value: 0 },
      { id: "asia", group: "continent", value: 1 },
    ];
    expect(unitScores(units).value).toBeCloseTo((1 / 3 + 1) / 2, 12);
  });

  test("needs a unit", () => {
    expect(() => unitScores([])).toThrow("needed at least one unit, got none");
  });
});
