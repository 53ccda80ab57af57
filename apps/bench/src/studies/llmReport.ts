import type { ReportSection } from "../report/report.js";
import { sizesText } from "./baselinesReport.js";
import { verdictsOf } from "./contests.js";
import { evaluationSections, judgeEvaluation } from "./evaluationSections.js";
import { findingsOf } from "./findings.js";
import { headlineFigures } from "./headlineFigures.js";
import { lazyTrainingSections } from "./lazyTraining.js";
import { type LlmPlan, siteOf } from "./llmPlan.js";
import type { ReportParts } from "./ofSite.js";
import { paperTables } from "./paperTables.js";
import type { Results, Summary } from "./study.js";
import { verdictSection } from "./verdictSection.js";

/**
 * One site in the order of the report: verdicts; the paper's tables and first figure; each evaluation; lazy training.
 *
 * @param about the activations, in a sentence
 */
export async function llmSections(
  { baselines, evaluations, options }: LlmPlan,
  about: string,
  results: Results,
): Promise<Pick<Summary, "findings"> & ReportParts> {
  const judgedEvaluations = evaluations.map((planned) => judgeEvaluation(planned, results));
  const judged = judgedEvaluations.flatMap((one) => one.judged);
  const overall = judged.flatMap(({ overall }) => overall ?? []);
  const each = judged.flatMap(verdictsOf).filter(({ isOverall }) => !isOverall);
  const verdicts = [...overall, ...each];
  const details: ReportSection[] = [];
  for (const one of judgedEvaluations) details.push(...(await evaluationSections(one, results)));
  const tables = paperTables(baselines, `${options.model}, ${options.harvest.hook}`, judged);
  return {
    findings: findingsOf(judgedEvaluations, siteOf(options), results),
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
