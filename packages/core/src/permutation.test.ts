import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyedPermutation, permutation, permutedIndex } from "./permutation.js";
import { fold, key } from "./random.js";

const root = key("permutation");

describe("a bijection of [0, n)", () => {
  test.each([0, 1, 2, 3, 255, 256, 257, 258, 289, 1000, 4097, 65_537])("n = %d", (n) => {
    const sorted = permutation(root, n).sort();
    expect(sorted).toEqual(Uint32Array.from({ length: n }, (_, i) => i));
  });

  test("of any size, under any key", () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(), (n, seed) => {
        expect(new Set(permutation(key(seed), n)).size).toBe(n);
      }),
      { numRuns: 30 },
    );
  });
});

test("one index at a time gives the same as all at once", () => {
  for (const n of [5, 300]) {
    const all = permutation(root, n);
    expect(Array.from(all, (_, i) => permutedIndex(root, n, i))).toEqual([...all]);
  }
});

test("sets far too large for a table", () => {
  const n = 2 ** 32 - 5;
  const image = keyedPermutation(root, n);
  const images = Array.from({ length: 1000 }, (_, i) => image(n - 1 - i));
  expect(new Set(images).size).toBe(1000);
  expect(images.every((i) => Number.isInteger(i) && i >= 0 && i < n)).toBe(true);
  expect(images.reduce((sum, i) => sum + i / n, 0) / 1000).toBeCloseTo(0.5, 1);
});

test("all six orders of three things are equally likely", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = permutation(fold(root, i), 3).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
});

test.each([200, 300])("every pair of images of two neighbours is equally likely (n = %d)", (n) => {
  // 10 × 10 cells of a pair of images, over many keys
  const draws = 20_000;
  const counts = new Uint32Array(100);
  for (let i = 0; i < draws; i++) {
    const image = keyedPermutation(fold(root, i), n);
    counts[Math.floor((image(0) * 10) / n) * 10 + Math.floor((image(1) * 10) / n)] += 1;
  }
  // both in one of the ten parts: a little rarer, as two images differ
  const part = n / 10;
  const chiSquare = counts.reduce((sum, count, cell) => {
    const pairs = Math.floor(cell / 10) === cell % 10 ? part * (part - 1) : part * part;
    const expected = (draws * pairs) / (n * (n - 1));
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  expect(Math.abs(chiSquare - 99) / Math.sqrt(2 * 99)).toBeLessThan(4);
});

test("keys give different orders", () => {
  expect(permutation(fold(root, 1), 1000)).not.toEqual(permutation(fold(root, 2), 1000));
});

test("errors", () => {
  expect(() => permutation(root, -1)).toThrow("keyedPermutation: needed a size from 0 to 2^32, got -1");
  expect(() => permutedIndex(root, 3, 3)).toThrow("permutation of 3: needed a whole number from 0 to 2, got 3");
  expect(() => permutedIndex(root, 1000, 1.5)).toThrow("needed a whole number from 0 to 999, got 1.5");
  expect(() => permutedIndex(root, 0, 0)).toThrow("permutation of 0: the set is empty");
});
