import { type UnitScores, unitScores } from "@sae/metrics";
import type { EvaluationMeasure } from "../evaluations/evaluation.js";
import { type Job, jobId } from "../jobs/job.js";
import { type BaselinesPlan, type BaselinesRun, planBaselines } from "./baselinesPlan.js";
import { scoredGroups } from "./comparisonGroups.js";
import { parseCondition } from "./conditions.js";
import type { Measured } from "./measured.js";
import type { Results } from "./study.js";

/** A small plan of TopK SAEs, unless said otherwise. */
export const smallPlan = ({
  variants = ["topk"],
  conditions = ["frozen_decoder", "soft_frozen_decoder"],
  l0s = [2],
  seeds = [0],
}: {
  readonly variants?: readonly string[];
  readonly conditions?: readonly string[];
  readonly l0s?: readonly number[];
  readonly seeds?: readonly number[];
}): BaselinesPlan =>
  planBaselines({
    data: (seed) => ({ kind: "file", sha256: "0", order: "shuffled", seed }),
    dModel: 8,
    variants,
    conditions: conditions.map(parseCondition),
    l0s,
    seeds,
    recipe: { dSae: 16, steps: 10 },
    local: {},
  });

/** A score whose units are values of one group. */
export const scoreOf = (...values: readonly number[]): UnitScores =>
  unitScores(values.map((value, i) => ({ id: `${i}`, value })));

/** What is known beside the scores. */
interface Surroundings extends Partial<Pick<Measured, "floor" | "references">> {
  readonly reachedL0?: (run: BaselinesRun) => number | null;
  readonly isFinished?: (run: BaselinesRun) => boolean;
}

/** A measure on every SAE of a plan. */
export function measuredOn(
  plan: BaselinesPlan,
  score: (run: BaselinesRun) => UnitScores | null,
  changed: Partial<EvaluationMeasure> = {},
  { reachedL0 = () => null, isFinished = () => true, floor = null, references = [] }: Surroundings = {},
): Measured {
  const measure: EvaluationMeasure = {
    id: "accuracy",
    label: "Accuracy",
    definition: "share of right answers",
    digits: 3,
    floor: () => null,
    smallestEffect: 0.05,
    pairing: "units",
    ...changed,
  };
  const known = (run: BaselinesRun) => ({
    score: score(run),
    reachedL0: reachedL0(run),
    isFinished: isFinished(run),
  });
  return { measure, floor, references, plan, groups: scoredGroups(plan, known, measure.pairing) };
}

/** The results that some jobs left. */
export function resultsOf(left: readonly (readonly [job: Job, result: object])[]): Results {
  const found = new Map(left.map(([job, result]) => [jobId(job), result]));
  return { of: <Result>(job: Job) => (found.get(jobId(job)) ?? null) as Result | null, folder: jobId };
}
