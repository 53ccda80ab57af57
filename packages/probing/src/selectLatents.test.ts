import { expect, test } from "vitest";
import { selectLatents } from "./selectLatents.js";
import { sparseRowsOf } from "./sparseRows.js";

const train = (labels: number[]) => ({ rows: Int32Array.from(labels.keys()), labels: Uint8Array.from(labels) });

test("the largest differences of the means, best first", () => {
  // Means of positives minus means of negatives: −1, 0.5, 3, 0
  const features = sparseRowsOf(
    [
      ...[1, 1, 0, 2], // positive
      ...[1, 0, 6, 2], // positive
      ...[2, 0, 0, 2], // negative
      ...[2, 0, 0, 2], // negative
    ],
    4,
  );
  const labels = train([1, 1, 0, 0]);
  expect([...selectLatents(features, labels, 3)]).toEqual([2, 0, 1]);
  expect([...selectLatents(features, labels, 0)]).toEqual([]);
  // Divided by the means of non-zero values, 1.5, 1, 6 and 2: −0.67, 0.5, 0.5, 0
  expect([...selectLatents(features, labels, 4, "scaled-difference")]).toEqual([0, 1, 2, 3]);
  // Only the texts that train count.
  const other = { rows: Int32Array.of(0, 2), labels: Uint8Array.of(1, 0) };
  expect([...selectLatents(features, other, 2)]).toEqual([0, 1]);
});

test("of equal latents the first ones; silent ones are equal", () => {
  const silent = sparseRowsOf(new Array(8).fill(0), 4);
  expect([...selectLatents(silent, train([1, 0]), 3)]).toEqual([0, 1, 2]);
  expect([...selectLatents(silent, train([1, 0]), 3, "scaled-difference")]).toEqual([0, 1, 2]);
});

test("as many latents as there are, not more", () => {
  const features = sparseRowsOf([1, 0], 2);
  expect([...selectLatents(features, train([1]), 2)]).toEqual([0, 1]);
  expect(() => selectLatents(features, train([1]), 3)).toThrow(
    "selectLatents: needed at least k = 3 latents, got 2; ask for fewer",
  );
});
