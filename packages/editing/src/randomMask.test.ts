import { key } from "@sae/core";
import { expect, test } from "vitest";
import { randomMask } from "./randomMask.js";

const chosen = (w: Float32Array) => [...w.keys()].filter((i) => w[i] === 1);

test("a random mask takes as many of the active features, by its key", () => {
  const active = [2, 3, 5, 7, 11, 13];
  const w = randomMask(16, active, 3, key(0));
  expect(chosen(w)).toHaveLength(3);
  expect(chosen(w).every((feature) => active.includes(feature))).toBe(true);
  expect(randomMask(16, active, 3, key(0))).toEqual(w);
  expect(chosen(randomMask(16, active, 6, key(1)))).toEqual(active);
  expect(chosen(randomMask(16, active, 0, key(1)))).toEqual([]);
  expect(chosen(randomMask(16, [], 0, key(1)))).toEqual([]);
});
