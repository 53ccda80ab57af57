import { fold, key, sequence } from "@sae/core";
import { describe, expect, test } from "vitest";
import { normalQuantile, studentQuantile } from "./distributions.js";
import { hierarchicalBootstrap } from "./hierarchicalBootstrap.js";
import { seedDifference } from "./seedDifference.js";
import { seedInterval } from "./seedInterval.js";
import type { Pairing, SeedScores } from "./seedScores.js";
import { plantedScores, scoresOf } from "./seedScores.testkit.js";
import { type ScoredUnit, unitScores } from "./unitScores.js";

const widening = (n: number, degrees = n - 1) =>
  (Math.sqrt(n / (n - 1)) * studentQuantile(degrees, 0.95)) / normalQuantile(0.95);

test("one seed: the interval is over its units", () => {
  // The mean of two draws from 0 and 1 is 0, ½ or 1; half a unit from the middle is widened to √2 · 12.7062 / 1.95996 / 2.
  const interval = seedInterval(scoresOf([0, 1]), { pairing: "units" });
  expect(interval).toEqual({
    mean: 0.5,
    low: expect.closeTo(0.5 - 4.584086, 5),
    high: expect.closeTo(0.5 + 4.584086, 5),
    sd: null,
    n: 2,
    confidence: 0.95,
    method: "bootstrap over units",
  });
  expect(widening(2)).toBeCloseTo(2 * 4.584086, 5);
});

test("several seeds of one unit: the interval is over seeds", () => {
  const interval = seedInterval(scoresOf([0], [1]), { pairing: "units" });
  expect(interval).toMatchObject({ mean: 0.5, n: 2, method: "bootstrap over seeds", sd: Math.SQRT1_2 });
  expect(interval.high).toBeCloseTo(0.5 + 4.584086, 5);
});

test("one seed with one unit has no interval, and no seed is an error", () => {
  expect(seedInterval(scoresOf([0.3]), { pairing: "units" })).toMatchObject({ mean: 0.3, low: null, method: "none" });
  expect(() => seedInterval([], { pairing: "none" })).toThrow("needed a seed that all sides were scored with");
});

test("one seed: a side that has nothing to vary by leaves a difference without interval", () => {
  const difference = seedDifference(scoresOf([0.1, 0.3, 0.2]), scoresOf([0.4]), { pairing: "none" });
  expect(difference).toMatchObject({ mean: expect.closeTo(-0.2, 12), low: null, high: null, n: 1, method: "none" });
});

describe("pairs", () => {
  const shared = Array.from({ length: 40 }, (_, i) => Math.sin(i));
  const a = scoresOf(shared.map((value) => value + 0.1));

  test("of the same units cancel what both sides share; units of their own do not", () => {
    const paired = seedDifference(a, scoresOf(shared), { pairing: "units" });
    expect(paired.low).toBeCloseTo(0.1, 12);
    expect(paired.high).toBeCloseTo(0.1, 12);
    const unpaired = seedDifference(a, scoresOf(shared), { pairing: "none" });
    expect(unpaired.mean).toBeCloseTo(0.1, 12);
    expect(unpaired.low).toBeLessThan(-0.1);
  });

  test("of seeds cancel what a seed does to both", () => {
    const baseline = scoresOf([0.2], [0.5], [0.8]);
    const trained = scoresOf([0.3], [0.6], [0.9]);
    const { low, high, sd } = seedDifference(trained, baseline, { pairing: "none" });
    expect([low, high, sd].map((value) => value?.toFixed(6))).toEqual(["0.100000", "0.100000", "0.000000"]);
  });

  test("are the seeds and units that both sides have", () => {
    const ids = (...names: string[]) => unitScores(names.map((id) => ({ id, value: id === "c" ? 1 : 0 })));
    const left: SeedScores = [
      { seed: 0, scores: ids("a", "b") },
      { seed: 3, scores: ids("a", "b", "c") },
    ];
    const right: SeedScores = [{ seed: 3, scores: ids("b", "c") }];
    const { seeds, scores, n } = hierarchicalBootstrap([left, right], { pairing: "units" });
    expect([seeds.length, n, ...scores]).toEqual([1, 2, 0.5, 0.5]);
    expect(() => seedDifference(left, [{ seed: 1, scores: ids("a") }], { pairing: "units" })).toThrow(
      "a seed that all sides were scored with",
    );
    expect(() => seedDifference(left, [{ seed: 0, scores: ids("z") }], { pairing: "units" })).toThrow(
      "units that all sides share",
    );
    expect(() => seedInterval([{ seed: 0, scores: ids("a", "a") }], { pairing: "units" })).toThrow("got 'a' twice");
  });
});

/** The definition, with the draws in the same order: seeds, then the units of each group; of each side and seed where units are not paired. */
function plainResamples(sides: readonly SeedScores[], pairing: Pairing, count: number): number[][] {
  const random = sequence(key("plain"));
  const draws = (n: number) => Array.from({ length: n }, () => Math.floor((random() / 2 ** 32) * n));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const groupsOf = (units: readonly ScoredUnit[]) => {
    const names = [...new Set(units.map(({ group }) => group))];
    return names.map((name) => units.filter(({ group }) => group === name).map(({ value }) => value));
  };
  const score = (side: SeedScores) => mean(side.map(({ scores }) => scores.value));
  const degrees = (groups: readonly (readonly number[])[]) =>
    groups.reduce((sum, values) => sum + values.length - 1, 0);
  return Array.from({ length: count }, () => {
    const seeds = draws(sides[0].length);
    const shared =
      pairing === "units" ? groupsOf(sides[0][0].scores.units).map((values) => draws(values.length)) : null;
    const ofSides = sides.map((side) => side.map(({ scores }) => groupsOf(scores.units)));
    const drawnUnits = ofSides.map((side) =>
      side.map((groups) => groups.map((values, g) => shared?.[g] ?? draws(values.length))),
    );
    return sides.map((side, s) => {
      const all = score(side);
      const bySeeds = mean(seeds.map((seed) => side[seed].scores.value));
      const df =
        shared === null ? ofSides[s].reduce((sum, groups) => sum + degrees(groups), 0) : degrees(ofSides[s][0]);
      const t = studentQuantile(df, 0.95) / normalQuantile(0.95);
      const moved = ofSides[s].map((groups, seed) =>
        mean(
          groups.map((values, g) => {
            const items = drawnUnits[s][seed][g];
            const n = values.length;
            return Math.sqrt(n / (n - 1)) * (mean(items.map((item) => values[item])) - mean(values));
          }),
        ),
      );
      return all + widening(side.length) * (bySeeds - all) + t * mean(moved);
    });
  });
}

test.each(["units", "none"] as const)("agrees with the definition, pairing %s", (pairing) => {
  const sides = [0, 1, 2].map((side) =>
    plantedScores(key("sides"), {
      side,
      mean: side,
      seeds: 3,
      units: 10,
      groups: 3,
      sd: { seed: 1, unit: 1, noise: 1 },
    }),
  );
  const { resamples } = hierarchicalBootstrap(sides, { pairing, key: key("plain"), resamples: 20 });
  plainResamples(sides, pairing, 20).forEach((scores, at) => {
    scores.forEach((value, side) => {
      expect(resamples[at][side]).toBeCloseTo(value, 10);
    });
  });
});

test("the same scores give the same resamples, and another stream gives others", () => {
  const side = [plantedScores(key(0), { side: 0, mean: 0, seeds: 2, units: 5, sd: { seed: 1, unit: 1, noise: 1 } })];
  const first = (stream?: string) =>
    hierarchicalBootstrap(side, { pairing: "units", ...(stream && { key: key(stream) }) }).resamples[0];
  expect(first()).toEqual(first());
  expect(first("other")).not.toEqual(first());
});

describe("of a hundred planted truths, about 95 lie inside", () => {
  const runs = 120;
  const cases = [
    { seeds: 1, pairing: "units" },
    { seeds: 2, pairing: "units" },
    { seeds: 3, pairing: "units" },
    { seeds: 3, pairing: "none" },
  ] as const;
  test.each(cases)("$seeds seeds, pairing $pairing", ({ seeds, pairing }) => {
    // With one seed there is nothing that could tell what seeds do.
    const sd = { seed: seeds === 1 ? 0 : 0.5, unit: pairing === "units" ? 1 : 0, noise: 1 };
    let [scores, differences] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const side = (index: number, mean: number) =>
        plantedScores(fold(key("coverage"), run), { side: index, mean, seeds, units: 20, groups: 2, sd });
      const [trained, baseline] = [side(0, 0.5), side(1, 0.2)];
      const options = { pairing, resamples: 300 };
      const holds = ({ low, high }: { low: number | null; high: number | null }, truth: number) =>
        low !== null && high !== null && low <= truth && truth <= high;
      if (holds(seedInterval(trained, options), 0.5)) scores++;
      if (holds(seedDifference(trained, baseline, options), 0.3)) differences++;
    }
    for (const inside of [scores, differences]) {
      expect(inside / runs).toBeGreaterThan(0.9);
      expect(inside / runs).toBeLessThanOrEqual(1);
    }
  });
});
