import { expect, test } from "vitest";
import { estimateOf, shareOf } from "./estimates.js";

const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(4)));

test("one seed: the value, with the uncertainty that its parts show", () => {
  const { mean, low, high, n, method } = estimateOf([{ value: 0.7, parts: [0.68, 0.7, 0.75] }]);
  // Parts have mean 0.71 and standard error 0.0208; t = 4.3027 for two degrees of freedom.
  expect([mean, rounded(low), rounded(high), n, method]).toEqual([0.7, 0.6104, 0.7896, 3, "student t"]);
});

test("several seeds: their mean and spread, whatever the parts say", () => {
  const seeds = [0.6, 0.7, 0.8].map((value) => ({ value, parts: [0, 1] }));
  const { mean, low, high, n } = estimateOf(seeds);
  expect([rounded(mean), rounded(low), rounded(high), n]).toEqual([0.7, 0.4516, 0.9484, 3]);
});

test("a value without parts has no interval", () => {
  expect(estimateOf([{ value: 0.5, parts: [] }])).toMatchObject({ mean: 0.5, low: null, high: null, method: "none" });
});

test("shares: Wilson's interval of one seed, Student's over several", () => {
  expect(shareOf([3], 3200)).toMatchObject({ mean: 3 / 3200, method: "wilson" });
  expect(shareOf([3, 5], 3200)).toMatchObject({ mean: 4 / 3200, method: "student t" });
});
