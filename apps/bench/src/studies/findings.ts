import { type Pairing, type SeedScore, seedInterval } from "@sae/metrics";
import type { EvaluationMeasure } from "../evaluations/evaluation.js";
import { jobId } from "../jobs/job.js";
import type { ReportVerdict } from "../report/report.js";
import { isAtFloor } from "../report/verdictWords.js";
import type { Findings } from "../results/resultsSchema.js";
import type { BaselinesRun } from "./baselinesPlan.js";
import type { ScoredGroup } from "./comparisonGroups.js";
import type { Judged } from "./contests.js";
import type { PlannedEvaluation } from "./evaluationPlan.js";
import type { JudgedEvaluation } from "./evaluationSections.js";
import type { Results } from "./study.js";

/**
 * Measures, scores, references and verdicts of evaluations, for results.json.
 *
 * @param site hook of a language model, null where activations come from elsewhere
 */
export const findingsOf = (evaluated: readonly JudgedEvaluation[], site: Site, results: Results): Findings =>
  allFindings(evaluated.map((one) => findings(one, site, results)));

type Site = Findings["verdicts"][number]["site"];

/** Those of several parts of a study, one after the other; each measure once. */
export const allFindings = (parts: readonly Findings[]): Findings => ({
  measures: [...new Map(parts.flatMap(({ measures }) => measures.map((one) => [one.id, one] as const))).values()],
  scores: parts.flatMap(({ scores }) => scores),
  references: parts.flatMap(({ references }) => references),
  verdicts: parts.flatMap(({ verdicts }) => verdicts),
});

/** A measure in results.json. */
export const measureRecord = (
  evaluation: string,
  {
    id,
    label,
    definition,
    lessIsBetter = false,
    isControl = false,
    partOf,
    smallestEffect,
    pairing,
  }: EvaluationMeasure,
): Findings["measures"][number] => ({
  id,
  evaluation,
  label,
  definition,
  lessIsBetter,
  smallestEffect: isControl || partOf !== undefined ? null : smallestEffect,
  pairing,
  isControl,
  partOf: partOf ?? null,
});

const findings = ({ planned, judged }: JudgedEvaluation, site: Site, results: Results): Findings => ({
  measures: judged.map(({ measure }) => measureRecord(planned.evaluation.id, measure)),
  scores: judged.flatMap((one) => scoresOf(one, planned)),
  references: (planned.evaluation.references?.(planned.prepared, results) ?? [])
    .filter((reference) => judged.some(({ measure }) => measure.id === reference.measure))
    .map(({ job, ...reference }) => ({
      site,
      evaluation: planned.evaluation.id,
      ...reference,
      seed: null,
      job: jobId(job),
    })),
  verdicts: judged.flatMap((one) => verdictsOf(one, site)),
});

function scoresOf({ measure, floor, groups }: Judged, { evaluation, jobOf }: PlannedEvaluation): Findings["scores"] {
  const { id, ceiling = 1, pairing } = measure;
  return groups.flatMap((group) =>
    group.scores.map((one) => {
      const run = group.runs.find(({ seed }) => seed === one.seed) as BaselinesRun;
      return {
        run: jobId(run.job),
        evaluation: evaluation.id,
        measure: id,
        value: one.scores.value,
        interval: intervalOf(one, group, pairing),
        units: one.scores.units.length,
        floor,
        ceiling,
        job: jobId(jobOf(run)),
      };
    }),
  );
}

/** Of one seed: where there is no other, that of the group. */
function intervalOf(one: SeedScore, { scores, estimate }: ScoredGroup, pairing: Pairing) {
  const { low, high, confidence, method } =
    scores.length === 1 && estimate !== null ? estimate : seedInterval([one], { pairing });
  return { low, high, confidence, method };
}

function verdictsOf({ measure, overall, cells }: Judged, site: Site): Findings["verdicts"] {
  const record = (verdict: ReportVerdict | null, variant: string | null, l0: number | null) => {
    if (verdict === null) return [];
    const { metric: _, definition: __, isOverall = false, isSmall = false, ...others } = verdict;
    const { reachedL0 = null, missing = [], lostSeeds = [], ...rest } = others;
    const about = { site, measure: measure.id, variant, l0, isOverall, isSmall, isAtFloor: isAtFloor(verdict) };
    return [{ ...about, reachedL0, missing: [...missing], lostSeeds: [...lostSeeds], ...rest }];
  };
  return [...record(overall, null, null), ...cells.flatMap((cell) => record(cell.verdict, cell.variant, cell.l0))];
}
