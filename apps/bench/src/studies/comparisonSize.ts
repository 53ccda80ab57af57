import type { SeedScores } from "@sae/metrics";

/** How much a comparison rests on. */
export interface ComparisonSize {
  /** Seeds that all sides have. */
  readonly seeds: number;
  /** Units behind a score of such a seed, of the side that has fewest. */
  readonly units: number;
}

/** The seeds that all of at least one side have, in the order of the first. */
export const commonSeeds = (sides: readonly SeedScores[]): number[] =>
  sides[0].map(({ seed }) => seed).filter((seed) => sides.every((side) => side.some((one) => one.seed === seed)));

/** @param sides with a seed in common */
export function comparisonSize(sides: readonly SeedScores[]): ComparisonSize {
  const seeds = commonSeeds(sides);
  const counted = sides.flat().filter(({ seed }) => seeds.includes(seed));
  return { seeds: seeds.length, units: Math.min(...counted.map(({ scores }) => scores.units.length)) };
}
