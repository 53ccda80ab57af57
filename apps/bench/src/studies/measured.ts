import type { UnitScores } from "@sae/metrics";
import type { EvaluationMeasure } from "../evaluations/evaluation.js";
import type { Metric } from "../figures/scorePoint.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { BaselinesPlan, BaselinesRun } from "./baselinesPlan.js";
import { type ScoredGroup, scoredGroups } from "./comparisonGroups.js";
import { type PlannedEvaluation, scoresOf } from "./evaluationPlan.js";
import type { Results } from "./study.js";

/** A measure with what was measured. */
export interface Measured {
  readonly measure: EvaluationMeasure;
  /** What chance, or doing nothing, scores; null where there is no such thing, or it is not known. */
  readonly floor: { readonly label: string; readonly value: number } | null;
  /** What else scores without an SAE. */
  readonly references: readonly { readonly label: string; readonly value: number }[];
  readonly plan: BaselinesPlan;
  readonly groups: readonly ScoredGroup[];
}

/** The measures of an evaluation that any SAE has a score of. */
export function measuredBy(planned: PlannedEvaluation, results: Results): Measured[] {
  const { evaluation, config, plan, prepared } = planned;
  const scores = new Map(plan.runs.map((run) => [run, scoresOf(planned, run, results)]));
  const reachedL0 = new Map(plan.runs.map((run) => [run, results.of<TrainJobResult>(run.job)?.inference.l0 ?? null]));
  const references = evaluation.references?.(prepared, results) ?? [];
  return evaluation.measures(config).flatMap((measure) => {
    // What is not finite has become null on its way through JSON.
    const finite = (score: UnitScores | undefined) => (Number.isFinite(score?.value) ? (score as UnitScores) : null);
    const known = (run: BaselinesRun) => {
      const found = scores.get(run) ?? null;
      return {
        score: finite(found?.[measure.id]),
        reachedL0: reachedL0.get(run) ?? null,
        isFinished: found !== null,
      };
    };
    const groups = scoredGroups(plan, known, measure.pairing);
    if (groups.every(({ estimate }) => estimate === null)) return [];
    const own = references.filter((reference) => reference.measure === measure.id);
    return [{ measure, floor: measure.floor(prepared, results), references: own, plan, groups }];
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
