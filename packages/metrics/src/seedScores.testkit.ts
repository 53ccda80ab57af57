import { fillNormal, fold, type Key } from "@sae/core";
import type { SeedScores } from "./seedScores.js";
import { unitScores } from "./unitScores.js";

/** Scores with planted effects: of the unit (the same for all sides made from one key), of unit and side, of side and seed, and noise. */
export function plantedScores(
  root: Key,
  {
    side,
    mean,
    seeds,
    units,
    groups = 1,
    groupOf = (unit) => unit % groups,
    sd,
  }: {
    readonly side: number;
    /** The truth: of a side over all seeds and units. */
    readonly mean: number;
    readonly seeds: number;
    readonly units: number;
    readonly groups?: number;
    /** Number of a unit's group; groups are alike by default. */
    readonly groupOf?: (unit: number) => number;
    readonly sd: { readonly seed: number; readonly unit: number; readonly unitOfSide?: number; readonly noise: number };
  },
): SeedScores {
  const normal = (n: number, ...name: (number | string)[]) => fillNormal(fold(root, ...name), new Float64Array(n));
  const ofUnits = normal(units, "units");
  const ofUnitsOfSide = normal(units, "units", side);
  const ofSeeds = normal(seeds, "seeds", side);
  return Array.from({ length: seeds }, (_, seed) => {
    const noise = normal(units, "noise", side, seed);
    const ofUnit = (unit: number) => sd.unit * ofUnits[unit] + (sd.unitOfSide ?? 0) * ofUnitsOfSide[unit];
    const value = (unit: number) => mean + sd.seed * ofSeeds[seed] + ofUnit(unit) + sd.noise * noise[unit];
    return {
      seed,
      scores: unitScores(
        Array.from({ length: units }, (_, i) => ({ id: `${i}`, group: `${groupOf(i)}`, value: value(i) })),
      ),
    };
  });
}

/** A score of each seed: of each its units, all in one group. */
export const scoresOf = (...seeds: readonly (readonly number[])[]): SeedScores =>
  seeds.map((values, seed) => ({ seed, scores: unitScores(values.map((value, i) => ({ id: `${i}`, value }))) }));
