import { expect, test } from "vitest";
import { type SpliceLosses, spliceScores } from "./spliceScores.js";
import { spliceUnits } from "./spliceUnits.js";

/** Two contexts: ten positions at 2 nats, clean, and thirty at 1; the mean of the activations costs 3 and 3 nats more. */
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

test("a context is worth its share of the sums, and the means are the ratios of the sums", () => {
  const units = spliceUnits(losses);
  expect(units.crossEntropy.units.map(({ value }) => value)).toEqual([30 / 20, 60 / 20]);
  expect(units.lossRecovered?.units.map(({ value }) => value)).toEqual([20 / 60, 60 / 60]);
  const scores = spliceScores(losses);
  expect(units.crossEntropy.value).toBeCloseTo(scores.crossEntropy.spliced.mean, 12);
  expect(units.klDivergence.value).toBeCloseTo(scores.klDivergence.spliced.mean, 12);
  expect(units.lossRecovered?.value).toBeCloseTo(scores.lossRecovered.meanAblated.mean, 12);
});

test("where ablating costs nothing there is nothing to recover", () => {
  expect(spliceUnits({ ...losses, meanAblated: losses.clean }).lossRecovered).toBeNull();
});

test("needs a context", () => {
  const none = { positions: [], clean: [], spliced: [], meanAblated: [], klSpliced: [] };
  expect(() => spliceUnits(none)).toThrow("needed at least one unit");
});
