import { fold, key } from "@sae/core";
import { describe, expect, test } from "vitest";
import { advantage } from "./advantage.js";
import { normalQuantile, studentQuantile } from "./distributions.js";
import type { Interval } from "./interval.js";
import { seedDifference } from "./seedDifference.js";
import { seedInterval } from "./seedInterval.js";
import type { SeedScores } from "./seedScores.js";
import { plantedScores, scoresOf } from "./seedScores.testkit.js";
import { unitScores } from "./unitScores.js";
import { verdictOf } from "./verdict.js";

/** One seed, with the values of the units of each group. */
const grouped = (...groups: readonly (readonly number[])[]): SeedScores => [
  {
    seed: 0,
    scores: unitScores(
      groups.flatMap((values, group) => values.map((value, i) => ({ id: `${i}`, group: `${group}`, value }))),
    ),
  },
];

describe("groups of one unit", () => {
  test("are drawn among one another, like the units of one group", () => {
    const values = [0.7, 0.1, 0.4, 0.5];
    const { mean, low, high, ...alike } = seedInterval(scoresOf(values), { pairing: "units" });
    expect(seedInterval(grouped(...values.map((value) => [value])), { pairing: "units" })).toEqual({
      mean: expect.closeTo(mean, 12),
      low: expect.closeTo(low as number, 12),
      high: expect.closeTo(high as number, 12),
      ...alike,
    });
  });

  test("when there is one, borrow a deviation: its own from the other groups, or that of a unit of theirs", () => {
    // ±1 with a chance of ¼ each, at half the weight, widened for the two degrees of freedom of the other group.
    const halfWidth = (0.5 * studentQuantile(2, 0.95)) / normalQuantile(0.95);
    expect(seedInterval(grouped([1], [0, 0, 0]), { pairing: "units" })).toMatchObject({
      mean: 0.5,
      low: expect.closeTo(0.5 - halfWidth, 12),
      high: expect.closeTo(0.5 + halfWidth, 12),
      n: 4,
      method: "bootstrap over units",
    });
  });

  test.each([2, 30])("do not win a comparison alone, beside %i units that are equal", (n) => {
    const baseline = grouped(
      [0.5],
      Array.from({ length: n }, (_, i) => Math.sin(i)),
    );
    const trained = grouped(
      [0.7],
      Array.from({ length: n }, (_, i) => Math.sin(i)),
    );
    const difference = advantage([{ trained, opponents: [baseline] }], { pairing: "units" });
    expect(difference.mean).toBeCloseTo(0.1, 12);
    expect(verdictOf(difference, { smallestEffect: 0.01 }).verdict).toBe("cannot-tell");
  });

  test("are certain only where all values are equal", () => {
    expect(seedInterval(grouped([0.5], [0.5, 0.5]), { pairing: "units" })).toMatchObject({ low: 0.5, high: 0.5 });
    expect(seedInterval(grouped([0.5], [0.5]), { pairing: "units" })).toMatchObject({ low: 0.5, high: 0.5 });
  });
});

describe("of a hundred planted truths, about 95 lie inside, with groups of sizes", () => {
  const runs = 200;
  test.each([
    { sizes: [1, 1, 1, 1, 1, 1, 1, 1], seeds: 1 },
    { sizes: [1, 1, 1, 1, 1, 1, 1, 1], seeds: 3 },
    { sizes: [4, 14, 1, 5, 8, 28], seeds: 1 },
    { sizes: [1, 1, 1, 1, 10, 20], seeds: 1 },
  ])("$sizes, $seeds seeds", ({ sizes, seeds }) => {
    const groups = sizes.flatMap((size, group) => Array<number>(size).fill(group));
    // With one seed there is nothing that could tell what seeds do.
    const sd = { seed: seeds === 1 ? 0 : 0.2, unit: 1, unitOfSide: 1, noise: 0.5 };
    const covered = { score: 0, difference: 0, advantage: 0 };
    for (let run = 0; run < runs; run++) {
      const side = (index: number, mean: number) =>
        plantedScores(fold(key("groups of one"), run), {
          side: index,
          mean,
          seeds,
          units: groups.length,
          groupOf: (unit) => groups[unit],
          sd,
        });
      const [trained, baseline] = [side(0, 0.3), side(1, 0.3)];
      const options = { pairing: "units", resamples: 200, key: fold(key("resamples"), run) } as const;
      const holds = ({ low, high }: Interval, truth: number) =>
        low !== null && high !== null && low <= truth && truth <= high ? 1 : 0;
      covered.score += holds(seedInterval(trained, options), 0.3);
      covered.difference += holds(seedDifference(trained, baseline, options), 0);
      covered.advantage += holds(advantage([{ trained, opponents: [baseline] }], options), 0);
    }
    for (const count of Object.values(covered)) {
      expect(count / runs).toBeGreaterThan(0.9);
      expect(count / runs).toBeLessThan(0.99);
    }
  });
});
