import { type Interval, type Pairing, type SeedScores, seedInterval, type UnitScores } from "@sae/metrics";
import type { BaselinesPlan, BaselinesRun } from "./baselinesPlan.js";
import type { Condition } from "./conditions.js";
import { mean } from "./syntheticGroups.js";

/** One architecture in one condition at one target L0: a run for each seed. */
export interface ConditionGroup {
  readonly l0: number;
  readonly variant: string;
  readonly condition: Condition;
  readonly runs: readonly BaselinesRun[];
}

/** A group with the scores that its runs have; there may be none. */
export interface ScoredGroup extends ConditionGroup {
  readonly scores: SeedScores;
  /** Mean over seeds; null without a score. */
  readonly estimate: Interval | null;
}

/** A group for everything that was planned, in the order of the tables: by target, architecture, condition. */
export function conditionGroups({ options, runs }: BaselinesPlan): ConditionGroup[] {
  const groups = new Map<string, ConditionGroup & { runs: BaselinesRun[] }>();
  for (const run of runs) {
    const { variant, condition, l0 } = run;
    const name = JSON.stringify([l0, variant, condition.id]);
    const group = groups.get(name) ?? { l0, variant, condition, runs: [] };
    groups.set(name, group);
    group.runs.push(run);
  }
  const order = options.conditions.map(({ id }) => id);
  const rank = ({ condition }: ConditionGroup) => (condition.role === "trained" ? -1 : order.indexOf(condition.id));
  const variantRank = ({ variant }: ConditionGroup) => options.variants.indexOf(variant);
  return [...groups.values()].sort((a, b) => a.l0 - b.l0 || variantRank(a) - variantRank(b) || rank(a) - rank(b));
}

/**
 * The groups of a plan with scores and their intervals.
 *
 * @param scoreOf the score of a run; null while it is not known
 */
export const scoredGroups = (
  plan: BaselinesPlan,
  scoreOf: (run: BaselinesRun) => UnitScores | null,
  pairing: Pairing,
): ScoredGroup[] =>
  conditionGroups(plan).map((group) => {
    const scores = group.runs.flatMap((run) => {
      const found = scoreOf(run);
      return found === null ? [] : [{ seed: run.seed, scores: found }];
    });
    return { ...group, scores, estimate: scores.length === 0 ? null : seedInterval(scores, { pairing }) };
  });

/** Mean score over seeds of at least one. */
export const meanScore = (scores: SeedScores): number => mean(scores.map(({ scores: { value } }) => value));
