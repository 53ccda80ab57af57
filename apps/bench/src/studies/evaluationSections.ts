import type { ReportSection } from "../report/report.js";
import { verdictSentence } from "../report/verdictWords.js";
import { comparisonFigures, differenceTable, scoreTable } from "./comparison.js";
import { type Judged, judge } from "./contests.js";
import { intervalBasis } from "./estimates.js";
import type { PlannedEvaluation } from "./evaluationPlan.js";
import { measuredBy } from "./measured.js";
import type { Results } from "./study.js";

/** An evaluation with what its measures say. */
export interface JudgedEvaluation {
  readonly planned: PlannedEvaluation;
  /** The measures that any SAE has a score of. */
  readonly judged: readonly Judged[];
}

/** Compares everything that the evaluation measured. */
export const judgeEvaluation = (planned: PlannedEvaluation, results: Results): JudgedEvaluation => ({
  planned,
  judged: measuredBy(planned, results).map(judge),
});

/** What this evaluation leaves out of the study's conditions. */
const omittedText = ({ plan: { omitted }, evaluation }: PlannedEvaluation): string[] =>
  evaluation.readsCodesOnly && omitted.length > 0 ? [`Left out: ${omitted.join("; ")}.`] : [];

/** The comparison of every measure that has a score, then what the evaluation has to show itself; nothing before there is a result. */
export async function evaluationSections(
  { planned, judged }: JudgedEvaluation,
  results: Results,
): Promise<ReportSection[]> {
  const { evaluation, plan, config, prepared, jobOf } = planned;
  const own = (await evaluation.sections?.({ plan, config, prepared, results, jobOf })) ?? [];
  // Where there is no score at all, as of SAEs whose latents are all dead, its own sections say why.
  if (judged.length === 0) return own;
  return [
    {
      heading: evaluation.title,
      prose: [
        intervalBasis(plan.options.seeds.length),
        ...omittedText(planned),
        ...judged.flatMap(({ overall }) => (overall === null ? [] : [verdictSentence(overall)])),
      ],
      tables: judged.flatMap((one) => [differenceTable(one), scoreTable(one)]),
      figures: judged.flatMap(comparisonFigures),
    },
    ...own,
  ];
}
