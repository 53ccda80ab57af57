import { describe, expect, test } from "vitest";
import { overlap, runsOf, windowAround } from "./windows.js";

describe("runs of neighbouring positions", () => {
  test.each([
    [[], []],
    [[4], [{ start: 0, end: 1 }]],
    [
      [1, 2, 4],
      [
        { start: 0, end: 2 },
        { start: 0, end: 2 },
        { start: 2, end: 3 },
      ],
    ],
  ])("%j", (positions, runs) => {
    expect(runsOf(positions)).toEqual(runs);
  });
});

describe("windows", () => {
  const run = { start: 10, end: 20 };
  test.each([
    ["in the middle, around the row", 15, 5, { start: 13, end: 18 }],
    ["of even length, one more before than after", 15, 4, { start: 13, end: 17 }],
    ["at the start, as long", 10, 5, { start: 10, end: 15 }],
    ["at the end, as long", 19, 5, { start: 15, end: 20 }],
    ["longer than the run: the run", 12, 50, run],
    ["as long as the run", 12, 10, run],
    ["of one row", 19, 1, { start: 19, end: 20 }],
  ])("%s", (_, row, length, window) => {
    expect(windowAround(row, run, length)).toEqual(window);
  });

  test("overlap when they share a row", () => {
    expect(overlap(run, { start: 19, end: 30 })).toBe(true);
    expect(overlap(run, { start: 20, end: 30 })).toBe(false);
  });
});
