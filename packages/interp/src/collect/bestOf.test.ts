import { key, permutation } from "@sae/core";
import { expect, test } from "vitest";
import { acrossStrengths } from "./acrossStrengths.js";
import { bestOf } from "./bestOf.js";

test.each([0, 1, 7, 100])("the first %i of a hundred, in whatever order they come", (limit) => {
  const best = bestOf<number, number>(limit, (a, b) => a - b);
  for (const item of permutation(key("items"), 100)) {
    const accepted = best.accepts(item);
    best.add(item);
    expect(best.items.includes(item)).toBe(accepted);
  }
  expect(best.items).toEqual(Array.from({ length: limit }, (_, i) => i));
});

test("one item of each part of the strengths, the one with the smallest priority", () => {
  const items = [5, 1, 4, 2, 3, 6].map((strength) => ({ strength, priority: strength % 2 }));
  const strengths = (count: number) => acrossStrengths(items, count).map(({ strength }) => strength);
  expect(strengths(3)).toEqual([2, 4, 6]);
  expect(strengths(6)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(strengths(1)).toEqual([2]);
  expect(acrossStrengths([], 0)).toEqual([]);
});
