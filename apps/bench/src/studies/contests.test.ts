import type { UnitScores } from "@sae/metrics";
import { describe, expect, test } from "vitest";
import type { BaselinesRun } from "./baselinesPlan.js";
import { judge, verdictsOf } from "./contests.js";
import { measuredOn, scoreOf, smallPlan } from "./scoredPlan.testkit.js";

/*
 * Paired units that all differ by the same amount leave no uncertainty: intervals are the numbers worked by hand.
 */

/** Scores by the name of the condition; null where there is none. */
const byCondition =
  (scores: Readonly<Record<string, UnitScores | null>>) =>
  ({ condition }: BaselinesRun): UnitScores | null =>
    scores[condition.id] ?? null;

const four = smallPlan({ conditions: ["frozen_decoder", "soft_frozen_decoder", "pca", "random"] });
const scores = {
  trained: scoreOf(0.9, 0.7), // 0.8
  frozen_decoder: scoreOf(0.5, 0.3), // 0.4
  soft_frozen_decoder: scoreOf(0.6, 0.4), // 0.5
  pca: scoreOf(0.8, 0.6), // 0.7
  random: scoreOf(0.2, 0), // 0.1
};
const exactly = (value: number) => ({
  mean: expect.closeTo(value, 12),
  low: expect.closeTo(value, 12),
  high: expect.closeTo(value, 12),
});

describe("one architecture at one target", () => {
  test("is compared with the strongest baseline, and beside it with the strongest control", () => {
    const { cells } = judge(measuredOn(four, byCondition(scores)));
    expect(cells).toHaveLength(1);
    const [{ baseline, control, verdict, trained }] = cells;
    expect(trained?.estimate?.mean).toBeCloseTo(0.8, 12);
    expect(baseline?.opponent.condition.id).toBe("soft_frozen_decoder");
    expect(baseline?.difference).toMatchObject(exactly(0.3)); // 0.8 − 0.5
    expect(control?.opponent.condition.id).toBe("pca");
    expect(control?.difference).toMatchObject(exactly(0.1)); // 0.8 − 0.7
    expect(verdict).toMatchObject({
      scope: "TopK, L0 2",
      verdict: "beats",
      opponent: "Soft-frozen decoder, iso",
      seeds: 1,
      units: 2,
    });
    expect(verdict).not.toHaveProperty("missing");
    expect(verdict).not.toHaveProperty("isSmall");
  });

  test("the strongest has the smallest score where less is better, and training loses by what it has more", () => {
    const { cells } = judge(measuredOn(four, byCondition(scores), { lessIsBetter: true }));
    const [{ baseline, control, verdict }] = cells;
    expect(baseline?.opponent.condition.id).toBe("frozen_decoder");
    expect(baseline?.difference).toMatchObject(exactly(0.4)); // 0.8 − 0.4
    expect(control?.opponent.condition.id).toBe("random");
    expect(verdict).toMatchObject({ verdict: "does-not", lessIsBetter: true });
  });

  test("by less than the smallest effect is said", () => {
    const soft = { ...scores, soft_frozen_decoder: scoreOf(0.88, 0.68) };
    expect(judge(measuredOn(four, byCondition(soft))).cells[0].verdict).toMatchObject({
      verdict: "beats",
      isSmall: true,
    });
  });

  test("a baseline without a score is left out and named; controls are not", () => {
    const { cells } = judge(measuredOn(four, byCondition({ ...scores, soft_frozen_decoder: null, random: null })));
    expect(cells[0].baseline?.opponent.condition.id).toBe("frozen_decoder");
    expect(cells[0].verdict?.missing).toEqual(["Soft-frozen decoder, iso (nothing to score)"]);
  });

  test("one without a result is told from one without anything to score", () => {
    const isFinished = ({ condition }: BaselinesRun) => condition.id !== "soft_frozen_decoder";
    const given = { ...scores, soft_frozen_decoder: null };
    const { cells } = judge(measuredOn(four, byCondition(given), {}, { isFinished }));
    expect(cells[0].verdict?.missing).toEqual(["Soft-frozen decoder, iso (no result)"]);
  });

  test("what both score and the L0 that both reached stand with it", () => {
    const reachedL0 = ({ condition }: BaselinesRun) => (condition.role === "trained" ? 2.1 : 2.6);
    const { cells, overall } = judge(measuredOn(four, byCondition(scores), {}, { reachedL0 }));
    expect(cells[0].verdict).toMatchObject({
      scores: { trained: expect.closeTo(0.8, 12), opponent: expect.closeTo(0.5, 12) },
      reachedL0: { trained: 2.1, opponent: 2.6 },
    });
    expect(overall).not.toHaveProperty("reachedL0");
  });

  test.each([
    ["the trained one", { trained: null }],
    ["any baseline", { frozen_decoder: null, soft_frozen_decoder: null }],
  ])("without %s there is no verdict", (_, changed) => {
    const judged = judge(measuredOn(four, byCondition({ ...scores, ...changed })));
    expect([judged.cells[0].baseline, judged.cells[0].verdict, judged.overall]).toEqual([null, null, null]);
    expect(verdictsOf(judged)).toEqual([]);
  });

  test("a control of the evaluation is compared, but no verdict is about it", () => {
    const judged = judge(measuredOn(four, byCondition(scores), { isControl: true }));
    expect(judged.cells[0].baseline?.difference).toMatchObject(exactly(0.3));
    expect(verdictsOf(judged)).toEqual([]);
  });

  test("of a part of another measure there is no verdict either", () => {
    const judged = judge(measuredOn(four, byCondition(scores), { partOf: "RAVEL" }));
    expect(judged.cells[0].baseline?.difference).toMatchObject(exactly(0.3));
    expect(verdictsOf(judged)).toEqual([]);
  });
});

test("only seeds that all sides have are compared", () => {
  const plan = smallPlan({ seeds: [0, 1], conditions: ["frozen_decoder"] });
  const score = ({ condition, seed }: BaselinesRun) => {
    if (condition.role === "trained") return seed === 0 ? scoreOf(0.9, 0.7, 0.5) : scoreOf(0.1, 0.1, 0.1);
    return seed === 0 ? scoreOf(0.6, 0.4, 0.2) : null;
  };
  const [{ trained, baseline, verdict }] = judge(measuredOn(plan, score)).cells;
  expect(trained?.estimate?.mean).toBeCloseTo(0.4, 12); // (0.7 + 0.1) / 2
  expect(baseline?.difference).toMatchObject(exactly(0.3)); // 0.7 − 0.4 of seed 0
  expect(verdict).toMatchObject({ seeds: 1, units: 3, lostSeeds: [1] });
});

test("a baseline that shares no seed with the rest is left out, and the others are compared", () => {
  const plan = smallPlan({ seeds: [0, 1, 2], conditions: ["frozen_decoder", "soft_frozen_decoder"] });
  const score = ({ condition, seed }: BaselinesRun) => {
    if (condition.role === "trained") return seed === 2 ? null : scoreOf(0.9, 0.7);
    if (condition.id === "frozen_decoder") return seed === 2 ? null : scoreOf(0.6, 0.4);
    return seed === 2 ? scoreOf(0.8, 0.6) : null;
  };
  const [{ baseline, verdict }] = judge(measuredOn(plan, score)).cells;
  expect(baseline?.opponent.condition.id).toBe("frozen_decoder");
  expect(verdict).toMatchObject({
    seeds: 2,
    lostSeeds: [2],
    missing: ["Soft-frozen decoder, iso (no seed in common)"],
  });
});

test("overall: the mean over targets, how often each opponent, and the overall verdict first", () => {
  const plan = smallPlan({ l0s: [3, 2] });
  // The soft-frozen decoder is the strongest at 2 (0.3 below), the frozen one at 3 (0.1 below).
  const below: Readonly<Record<string, number>> = {
    "2 frozen_decoder": 0.4,
    "2 soft_frozen_decoder": 0.3,
    "3 frozen_decoder": 0.1,
    "3 soft_frozen_decoder": 0.2,
  };
  const judged = judge(
    measuredOn(plan, ({ l0, condition }) => {
      const less = below[`${l0} ${condition.id}`] ?? 0;
      return scoreOf(0.9 - less, 0.7 - less);
    }),
  );
  expect(judged.overall?.difference).toMatchObject(exactly(0.2));
  expect(judged.overall).toMatchObject({
    isOverall: true,
    scope: "TopK at L0 2, 3",
    opponent: "Soft-frozen decoder, iso (1 of 2); Frozen decoder, iso (1 of 2)",
  });
  expect(verdictsOf(judged).map(({ scope }) => scope)).toEqual(["TopK at L0 2, 3", "TopK, L0 2", "TopK, L0 3"]);
});
