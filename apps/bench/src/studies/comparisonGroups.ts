import type { BaselinesPlan, BaselinesRun } from "./baselinesPlan.js";
import type { Condition } from "./conditions.js";
import type { Scored } from "./estimates.js";
import type { Measure } from "./measure.js";
import type { Results } from "./study.js";
import { mean } from "./syntheticGroups.js";

/** One architecture in one condition at one target L0, over the seeds that have a score. */
export interface Group {
  readonly l0: number;
  readonly variant: string;
  readonly condition: Condition;
  /** Scored runs, and their scores in the same order; may be empty. */
  readonly runs: readonly BaselinesRun[];
  readonly scores: readonly Scored[];
}

/** A group for everything that was planned, in the order of the tables: by target, architecture, condition. */
export function groupsOf({ options, runs }: BaselinesPlan, results: Results, measure: Measure): Group[] {
  const groups = new Map<string, Group & { runs: BaselinesRun[]; scores: Scored[] }>();
  for (const run of runs) {
    const { variant, condition, l0 } = run;
    const name = JSON.stringify([l0, variant, condition.id]);
    const group = groups.get(name) ?? { l0, variant, condition, runs: [], scores: [] };
    groups.set(name, group);
    const score = measure.of(run, results);
    if (score === null) continue;
    group.runs.push(run);
    group.scores.push(score);
  }
  const order = options.conditions.map(({ id }) => id);
  const rank = ({ condition }: Group) => (condition.role === "trained" ? -1 : order.indexOf(condition.id));
  const variantRank = ({ variant }: Group) => options.variants.indexOf(variant);
  return [...groups.values()].sort((a, b) => a.l0 - b.l0 || variantRank(a) - variantRank(b) || rank(a) - rank(b));
}

/** Mean score of a group with at least one. */
export const scoreOf = ({ scores }: Group): number => mean(scores.map(({ value }) => value));

/** The group with the best mean, or null when none has a score. */
export function bestOf(groups: readonly Group[], { lessIsBetter = false }: Measure): Group | null {
  const isBetter = (a: Group, b: Group) => (lessIsBetter ? scoreOf(a) < scoreOf(b) : scoreOf(a) > scoreOf(b));
  return groups
    .filter(({ scores }) => scores.length > 0)
    .reduce<Group | null>((best, group) => (best === null || isBetter(group, best) ? group : best), null);
}
