import { expect, test } from "vitest";
import { chooseRegularisation, regularisations, validationFolds } from "./chooseRegularisation.js";

test("folds as SAE-Probes has them", () => {
  const labels = (n: number) => Array.from({ length: n }, (_, i) => i % 2);
  expect(validationFolds(labels(3))).toEqual([]);
  // Leave two out: of the 6 pairs of 4 texts, 4 have a positive and a negative.
  expect(validationFolds(labels(4)).map(({ validate }) => validate)).toEqual([
    [0, 1],
    [0, 3],
    [1, 2],
    [2, 3],
  ]);
  const six = validationFolds(labels(50));
  expect(six.map(({ validate }) => validate.length)).toEqual([9, 9, 8, 8, 8, 8]);
  expect(six.flatMap(({ validate }) => validate).sort((a, b) => a - b)).toEqual(labels(50).map((_, i) => i));
  for (const { fit, validate } of six) {
    expect(fit.length).toBe(50 - validate.length);
    expect(Math.abs(validate.filter((i) => i % 2 === 1).length - validate.length / 2)).toBeLessThanOrEqual(1);
  }
  expect(validationFolds(labels(128)).map(({ fit, validate }) => [fit.length, validate[0]])).toEqual([[103, 103]]);
  expect(validationFolds(labels(1024)).map(({ validate }) => validate.length)).toEqual([100]);
});

test("ten values of C, and of equally good ones the first", () => {
  expect(regularisations[0]).toBe(1e5);
  expect(regularisations[9]).toBeCloseTo(1e-5, 15);
  const labels = [0, 1, 0, 1];
  expect(chooseRegularisation(labels, ({ validate }) => validate.map(() => 0))).toBe(1e5);
  expect(chooseRegularisation(labels, ({ validate }, C) => validate.map((i) => (C < 1 ? labels[i] : 0)))).toBe(
    regularisations[5],
  );
  expect(chooseRegularisation([0, 1, 1], () => [])).toBe(1);
});
