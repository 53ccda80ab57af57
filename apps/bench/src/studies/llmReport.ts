import type { ReportSection, ReportVerdict } from "../report/report.js";
import { sizesText } from "./baselinesReport.js";
import { verdictsOf } from "./contests.js";
import { evaluationSections, judgeEvaluation } from "./evaluationSections.js";
import { findingsOf } from "./findings.js";
import { headlineFigures } from "./headlineFigures.js";
import { lazyTrainingSections } from "./lazyTraining.js";
import type { LlmPlan } from "./llmPlan.js";
import { paperTables } from "./paperTables.js";
import type { Results, Summary } from "./study.js";
import { verdictSection } from "./verdictSection.js";

/**
 * The study in the order of its report: verdicts; the paper's tables and first figure; each evaluation; lazy training.
 *
 * @param about the activations, in a sentence
 */
export async function llmSections(
  { baselines, evaluations, options }: LlmPlan,
  about: string,
  results: Results,
): Promise<Pick<Summary, "findings"> & { readonly verdicts: ReportVerdict[]; readonly sections: ReportSection[] }> {
  const judgedEvaluations = evaluations.map((planned) => judgeEvaluation(planned, results));
  const judged = judgedEvaluations.flatMap((one) => one.judged);
  const overall = judged.flatMap(({ overall }) => overall ?? []);
  const each = judged.flatMap(verdictsOf).filter(({ isOverall }) => !isOverall);
  const verdicts = [...overall, ...each];
  const details: ReportSection[] = [];
  for (const one of judgedEvaluations) details.push(...(await evaluationSections(one, results)));
  const tables = paperTables(baselines, `${options.model}, ${options.harvest.hook}`, judged);
  return {
    findings: findingsOf(judgedEvaluations, results),
    verdicts,
    sections: [
      ...verdictSection(verdicts, `${about} ${sizesText(baselines)}`),
      ...(tables.length === 0
        ? []
        : [{ heading: "Beside the paper", tables, figures: headlineFigures(baselines, judged) }]),
      ...details,
      ...lazyTrainingSections(baselines, results),
    ],
  };
}
