import { fold, key } from "@sae/core";
import { describe, expect, test } from "vitest";
import { type AdvantageOptions, advantage, type Contest } from "./advantage.js";
import { seedDifference } from "./seedDifference.js";
import { plantedScores, scoresOf } from "./seedScores.testkit.js";

const units = Array.from({ length: 30 }, (_, i) => Math.sin(i));
const moved = (by: number) => scoresOf(units.map((value) => value + by));

const rounded = ({ mean, low, high }: { mean: number; low: number | null; high: number | null }) =>
  [mean, low, high].map((value) => Number(value?.toFixed(9)));

test("the strongest opponent counts, the others do not", () => {
  const contest: Contest = { trained: moved(0.5), opponents: [moved(0.1), moved(0.3), moved(-1)] };
  expect(rounded(advantage([contest], { pairing: "units" }))).toEqual([0.2, 0.2, 0.2]);
});

test("where less is better the strongest is the smallest, and the difference is negative where training wins", () => {
  const contest: Contest = { trained: moved(0.1), opponents: [moved(0.5), moved(0.4)] };
  expect(rounded(advantage([contest], { pairing: "units", lessIsBetter: true }))).toEqual([-0.3, -0.3, -0.3]);
  const noisy: Contest = { trained: scoresOf([0.1, 0.2, 0.15]), opponents: [scoresOf([0.5, 0.3, 0.4])] };
  const less = advantage([noisy], { pairing: "none", lessIsBetter: true });
  const turned = {
    trained: scoresOf([-0.1, -0.2, -0.15]),
    opponents: [scoresOf([-0.5, -0.3, -0.4])],
  };
  const more = advantage([turned], { pairing: "none" });
  expect([less.mean, less.low, less.high].map((value) => value?.toFixed(9))).toEqual(
    [-more.mean, -(more.high ?? 0), -(more.low ?? 0)].map((value) => value.toFixed(9)),
  );
});

test("several contests: the mean of what training has in each", () => {
  const contests = [
    { trained: moved(0.5), opponents: [moved(0.3), moved(0)] },
    { trained: moved(0.2), opponents: [moved(0.3)] },
  ];
  expect(rounded(advantage(contests, { pairing: "units" }))).toEqual([0.05, 0.05, 0.05]);
});

test("one opponent: about the interval of the difference", () => {
  const side = (index: number) =>
    plantedScores(key("one"), { side: index, mean: index, seeds: 1, units: 200, sd: { seed: 0, unit: 1, noise: 1 } });
  const found = advantage([{ trained: side(1), opponents: [side(0)] }], { pairing: "units" });
  const plain = seedDifference(side(1), side(0), { pairing: "units" });
  expect(found).toMatchObject({ mean: plain.mean, low: plain.low });
  expect(found.high).toBeCloseTo(plain.high as number, 1);
});

test("a single unit of one seed has no interval; no contest, or none to beat, is an error", () => {
  const contest = { trained: scoresOf([1]), opponents: [scoresOf([0])] };
  expect(advantage([contest], { pairing: "units" })).toMatchObject({ mean: 1, low: null, high: null, method: "none" });
  for (const contests of [[], [{ ...contest, opponents: [] }]])
    expect(() => advantage(contests, { pairing: "units" })).toThrow("contests with an opponent in each");
});

describe("planted truths lie inside, although the strongest was chosen after looking", () => {
  const runs = 80;
  const truth = 0.1;
  const options: AdvantageOptions = { pairing: "units", resamples: 300 };
  test.each([
    { name: "six opponents that are alike", contests: 1, apart: 0, seeds: 1 },
    { name: "four contests of six that are alike", contests: 4, apart: 0, seeds: 1 },
    { name: "four contests of six that are not, three seeds", contests: 4, apart: 1, seeds: 3 },
  ])("$name", ({ contests, apart, seeds }) => {
    let [aboveLow, belowHigh] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const side = (index: number, mean: number) =>
        plantedScores(fold(key("strongest"), run), {
          side: index,
          mean,
          seeds,
          units: 30,
          sd: { seed: seeds === 1 ? 0 : 0.2, unit: 1, noise: 1 },
        });
      const planned = Array.from({ length: contests }, (_, i) => ({
        trained: side(10 * i, truth),
        opponents: Array.from({ length: 6 }, (_, b) => side(10 * i + 1 + b, -apart * b)),
      }));
      const { low, high } = advantage(planned, options);
      if ((low as number) <= truth) aboveLow++;
      if (truth <= (high as number)) belowHigh++;
    }
    expect(aboveLow / runs).toBeGreaterThan(0.93);
    expect(belowHigh / runs).toBeGreaterThan(0.93);
  });
});
