import { nothingMeasured } from "./rows.js";

/** What a score is the mean of: one task, latent, pair or context. */
export interface ScoredUnit {
  /** The same for the same task or pair, whichever SAE is scored: units are paired by it. */
  readonly id: string;
  /** Units are averaged within groups first, and groups count alike: tasks of a data set, pairs of an attribute. Default: one group. */
  readonly group?: string;
  readonly value: number;
}

/** A score with the units behind it. */
export interface UnitScores {
  /** Mean over the groups of the means over their units. */
  readonly value: number;
  readonly units: readonly ScoredUnit[];
}

/**
 * The score of units: mean over groups of the means within them.
 *
 * @throws SaeError `nothing_measured` without units
 */
export function unitScores(units: readonly ScoredUnit[]): UnitScores {
  if (units.length === 0) throw nothingMeasured("unitScores", "unit");
  const groups = new Map<string, { sum: number; count: number }>();
  for (const { group = "", value } of units) {
    const found = groups.get(group) ?? { sum: 0, count: 0 };
    found.sum += value;
    found.count++;
    groups.set(group, found);
  }
  const means = [...groups.values()].map(({ sum, count }) => sum / count);
  return { value: means.reduce((total, mean) => total + mean, 0) / means.length, units };
}
