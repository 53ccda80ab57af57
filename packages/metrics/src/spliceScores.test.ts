import { expect, test } from "vitest";
import { lossRecovered } from "./lossRecovered.js";
import { type SpliceLosses, spliceScores } from "./spliceScores.js";

/** Two contexts: ten positions at 2, 3, 6 and 5 nats, and thirty at 1, 2, 4 and 4. */
const losses: SpliceLosses = {
  positions: [10, 30],
  clean: [20, 30],
  spliced: [30, 60],
  zeroAblated: [60, 120],
  meanAblated: [50, 120],
  klSpliced: [10, 30],
  klZeroAblated: [40, 120],
  klMeanAblated: [20, 60],
};

test("a reconstruction that costs half of what ablation costs recovers half", () => {
  expect(lossRecovered(3, 4, 2)).toBe(0.5);
  expect(lossRecovered(2, 4, 2)).toBe(1);
  expect(lossRecovered(5, 4, 2)).toBe(-0.5);
  expect(lossRecovered(1, 4)).toBe(0.75);
  expect(lossRecovered(2, 2, 2)).toBeNaN();
});

test("scores are ratios of sums over all positions, not means of ratios", () => {
  const scores = spliceScores(losses);
  expect(scores.crossEntropy.clean.mean).toBe(50 / 40);
  expect(scores.crossEntropy.spliced.mean).toBe(90 / 40);
  expect(scores.klDivergence.zeroAblated.mean).toBe(4);
  expect(scores.lossRecovered.zeroAblated.mean).toBe((180 - 90) / (180 - 50));
  expect(scores.lossRecovered.meanAblated.mean).toBe((170 - 90) / (170 - 50));
  expect(scores.klRecovered.zeroAblated.mean).toBe(0.75);
  expect(scores.klRecovered.meanAblated.mean).toBe(0.5);
});

test("intervals resample contexts: between the one context alone and the other alone", () => {
  const { clean } = spliceScores(losses).crossEntropy;
  expect(clean).toMatchObject({ n: 2, method: "bootstrap", low: 1, high: 2 });
});

test("contexts without counted positions change nothing", () => {
  const more = Object.fromEntries(
    Object.entries(losses).map(([name, list]) => [name, [0, ...Array.from(list), 0]]),
  ) as unknown as SpliceLosses;
  expect(spliceScores(more)).toEqual(spliceScores(losses));
});

test("where an ablation costs nothing in one of two contexts, what is recovered has a mean and no interval", () => {
  const { lossRecovered, crossEntropy } = spliceScores({ ...losses, zeroAblated: [20, 120] });
  const recovered = lossRecovered.zeroAblated;
  expect(recovered).toMatchObject({ mean: (140 - 90) / (140 - 50), low: null, high: null, method: "none" });
  expect(crossEntropy.zeroAblated).toMatchObject({ low: 2, high: 4, method: "bootstrap" });
});

test("one context has no interval, and none at all is an error", () => {
  const first = Object.fromEntries(
    Object.entries(losses).map(([name, list]) => [name, [list[0]]]),
  ) as unknown as SpliceLosses;
  expect(spliceScores(first).crossEntropy.clean).toMatchObject({ mean: 2, low: null, high: null, method: "none" });
  expect(() => spliceScores({ ...first, positions: [0] })).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: spliceScores: needed at least one position that counts, got none in 1 contexts; use longer contexts, or leave out fewer positions]`,
  );
  expect(() => spliceScores({ ...first, spliced: [] })).toThrow("spliceScores: needed 1 contexts in 'spliced', got 0");
});
