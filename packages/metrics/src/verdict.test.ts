import { expect, test } from "vitest";
import { verdictOf } from "./verdict.js";

const more = { smallestEffect: 0.1 };
const less = { smallestEffect: 0.1, lessIsBetter: true };

test.each([
  ["all of it above 0", { mean: 0.5, low: 0.1, high: 0.9 }, more, "beats", false],
  ["above 0, but by little", { mean: 0.05, low: 0.01, high: 0.09 }, more, "beats", true],
  ["all of it below the smallest effect", { mean: 0.02, low: -0.03, high: 0.07 }, more, "does-not", false],
  ["worse", { mean: -0.5, low: -0.6, high: -0.4 }, more, "does-not", false],
  ["on both sides of both lines", { mean: 0.1, low: -0.1, high: 0.3 }, more, "cannot-tell", false],
  ["it touches 0", { mean: 0.1, low: 0, high: 0.3 }, more, "cannot-tell", false],
  ["no interval", { mean: 0.5, low: null, high: null }, more, "cannot-tell", false],
  ["a loss that is smaller", { mean: -0.5, low: -0.9, high: -0.1 }, less, "beats", false],
  ["a loss that is a little smaller", { mean: -0.05, low: -0.09, high: -0.01 }, less, "beats", true],
  ["a loss that is not smaller", { mean: 0, low: -0.05, high: 0.05 }, less, "does-not", false],
] as const)("%s", (_, interval, options, verdict, isSmall) => {
  expect(verdictOf(interval, options)).toEqual({ verdict, isSmall });
});

test("a smallest effect is above 0", () => {
  expect(() => verdictOf({ mean: 0, low: 0, high: 0 }, { smallestEffect: 0 })).toThrow(
    "smallest effect above 0, got 0",
  );
});
