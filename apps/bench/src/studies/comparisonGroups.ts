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
  /** L0 under the rule for use, mean over the seeds with a score: what the target came to. Null where it is not known. */
  readonly reachedL0: number | null;
  /** Set where there is a result, but nothing in it could be scored. */
  readonly isUnscorable: boolean;
}

/** What is known of a run of a plan. */
export interface Known {
  readonly score: UnitScores | null;
  readonly reachedL0: number | null;
  /** Whether the evaluation has a result, with a score in it or without. */
  readonly isFinished: boolean;
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
 * @param knownOf what is known of a run by now
 */
export const scoredGroups = (
  plan: BaselinesPlan,
  knownOf: (run: BaselinesRun) => Known,
  pairing: Pairing,
): ScoredGroup[] =>
  conditionGroups(plan).map((group) => {
    const known = group.runs.map((run) => ({ seed: run.seed, ...knownOf(run) }));
    const scores = known.flatMap(({ seed, score }) => (score === null ? [] : [{ seed, scores: score }]));
    const reached = known.flatMap(({ score, reachedL0 }) => (score === null || reachedL0 === null ? [] : [reachedL0]));
    return {
      ...group,
      scores,
      estimate: scores.length === 0 ? null : seedInterval(scores, { pairing }),
      reachedL0: reached.length === 0 ? null : mean(reached),
      isUnscorable: scores.length === 0 && known.some(({ isFinished }) => isFinished),
    };
  });

/** Mean score over seeds of at least one. */
export const meanScore = (scores: SeedScores): number => mean(scores.map(({ scores: { value } }) => value));
