import type { UnitScores } from "@sae/metrics";
import type { EvaluationMeasure } from "../evaluations/evaluation.js";
import type { Metric } from "../figures/scorePoint.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { type ScoredGroup, scoredGroups } from "./comparisonGroups.js";
import { type PlannedEvaluation, scoresOf } from "./evaluationPlan.js";
import type { Results } from "./study.js";

/** A measure with what was measured. */
export interface Measured {
  readonly measure: EvaluationMeasure;
  /** What chance, or doing nothing, scores. */
  readonly floor: { readonly label: string; readonly value: number } | null;
  readonly plan: BaselinesPlan;
  readonly groups: readonly ScoredGroup[];
}

/** The measures of an evaluation that any SAE has a score of. */
export function measuredBy(planned: PlannedEvaluation, results: Results): Measured[] {
  const { evaluation, config, plan, prepared } = planned;
  const scores = new Map(plan.runs.map((run) => [run, scoresOf(planned, run, results)]));
  return evaluation.measures(config).flatMap((measure) => {
    // What is not finite has become null on its way through JSON.
    const finite = (score: UnitScores | undefined) => (Number.isFinite(score?.value) ? (score as UnitScores) : null);
    const groups = scoredGroups(plan, (run) => finite(scores.get(run)?.[measure.id]), measure.pairing);
    if (groups.every(({ estimate }) => estimate === null)) return [];
    return [{ measure, floor: measure.floor(prepared, results), plan, groups }];
  });
}

/** The measure as figures print it. */
export function metricOf({ measure: { label, definition, least, digits, lessIsBetter }, floor }: Measured): Metric {
  return {
    label,
    definition: `${definition}${lessIsBetter ? "; less is better" : ""}`,
    ...(floor && { floor: { label: floor.label, value: Number(floor.value.toFixed(digits)) } }),
    ...(least !== undefined && { least }),
  };
}

/** How far a score is from the floor, on the better side. */
export const aboveFloor = ({ measure, floor }: Measured, score: number): number | null =>
  floor && (measure.lessIsBetter ? floor.value - score : score - floor.value);

/** The share of the way from the floor to the best possible score: 0 at the floor, 1 at the best. */
export function shareOfRange(measured: Measured, score: number): number | null {
  const { floor, measure } = measured;
  const { ceiling = 1 } = measure;
  const above = aboveFloor(measured, score);
  if (floor === null || ceiling === null || above === null || floor.value === ceiling) return null;
  return above / Math.abs(ceiling - floor.value);
}
