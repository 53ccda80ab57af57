import { fillUniform, fold, key } from "@sae/core";
import { expect, test } from "vitest";
import { areaUnderCurve } from "./areaUnderCurve.js";

/** The definition: pairs won, ties half. */
function byPairs(scores: readonly number[], labels: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (labels[i] !== 1 || labels[j] !== 0) return;
      pairs++;
      wins += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

test("by hand", () => {
  expect(areaUnderCurve([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
  expect(areaUnderCurve([1, 2, 3, 4], [1, 1, 0, 0])).toBe(0);
  expect(areaUnderCurve([1, 2, 3, 4], [0, 1, 0, 1])).toBe(0.75);
  expect(areaUnderCurve([5, 5, 5], [0, 1, 1])).toBe(0.5);
  expect(areaUnderCurve([1, 1, 2], [0, 1, 1])).toBe(0.75);
});

test("ranks count as pairs do, with many ties", () => {
  for (let seed = 0; seed < 20; seed++) {
    const draws = Array.from(fillUniform(fold(key("auc"), seed), new Float64Array(60)));
    const scores = draws.slice(0, 30).map((value) => Math.floor(6 * value));
    const labels = draws.slice(30).map((value, i) => (i === 0 ? 1 : i === 1 ? 0 : Number(value < 0.4)));
    expect(areaUnderCurve(scores, labels)).toBeCloseTo(byPairs(scores, labels), 14);
  }
});

test("both classes have to be there", () => {
  expect(() => areaUnderCurve([1, 2], [1, 1])).toThrow("areaUnderCurve: needed positives and negatives");
  expect(() => areaUnderCurve([1], [1, 0])).toThrow("needed 1 labels, got 2");
});

test("scores have to be numbers", () => {
  for (const score of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => areaUnderCurve([1, score, 2], [0, 1, 0])).toThrow(
      `areaUnderCurve: needed finite scores, got ${score} for text 1; look at its activations`,
    );
  }
});
