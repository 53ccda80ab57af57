import { SaeError } from "@sae/core";
import type { UnitScores } from "./unitScores.js";

/** Scores of one kind of SAE, each trained with another seed. */
export type SeedScores = readonly SeedScore[];

/** The score of the SAE of a seed. */
export interface SeedScore {
  /** Names the initial draw and the order of the data: SAEs of one seed share them, whatever else differs. */
  readonly seed: number;
  readonly scores: UnitScores;
}

/** Whether units with the same id are the same thing for every SAE (tasks, pairs, contexts) or not (latents). */
export type Pairing = "units" | "none";

/**
 * Sides of a comparison, restricted to the seeds that all of them have, in the order of the first.
 *
 * @returns scores [sides, seeds]
 * @throws SaeError `nothing_measured` when no seed is shared
 */
export function sharedSeeds(operation: string, sides: readonly SeedScores[]): UnitScores[][] {
  const seedsOf = (side: SeedScores) => side.map(({ seed }) => seed);
  const shared = seedsOf(sides[0] ?? []).filter((seed) => sides.every((side) => seedsOf(side).includes(seed)));
  if (shared.length === 0) {
    throw new SaeError("nothing_measured", `${operation}: needed a seed that all sides were scored with, got none`);
  }
  return sides.map((side) => shared.map((seed) => (side.find((one) => one.seed === seed) as SeedScore).scores));
}
