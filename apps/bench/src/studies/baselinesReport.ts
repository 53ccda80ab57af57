import { reconstruction } from "../evaluations/reconstruction.js";
import { groupThousands } from "../figures/numberText.js";
import type { ReportSection, ReportVerdict } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { verdictsOf } from "./contests.js";
import type { PlannedEvaluation } from "./evaluationPlan.js";
import { evaluationSections, judgeEvaluation } from "./evaluationSections.js";
import { findingsOf } from "./findings.js";
import type { Results, Summary } from "./study.js";
import { verdictSection } from "./verdictSection.js";

/** The comparison in reconstruction, where there is no language model. */
export async function baselinesReport(
  plan: BaselinesPlan,
  results: Results,
  about: string,
): Promise<Pick<Summary, "findings"> & { readonly verdicts: ReportVerdict[]; readonly sections: ReportSection[] }> {
  const evaluated = judgeEvaluation(reconstructionOf(plan), results);
  const verdicts = evaluated.judged.flatMap(verdictsOf);
  return {
    findings: findingsOf([evaluated], null, results),
    verdicts,
    sections: [
      ...verdictSection(verdicts, `${about} ${sizesText(plan)}`),
      ...(await evaluationSections(evaluated, results)),
    ],
  };
}

/** The evaluation that training has made. */
const reconstructionOf = (plan: BaselinesPlan): PlannedEvaluation => ({
  evaluation: reconstruction,
  config: {},
  prepared: {},
  plan,
  jobOf: ({ job }) => job,
});

/** How large the SAEs are, how long they were trained, and what is not among them. */
export function sizesText({ runs, options, omitted }: BaselinesPlan): string {
  const trained = runs.find(({ condition }) => condition.role === "trained") ?? runs[0];
  const { batch, lr } = (trained.job.config as { recipe: { batch: number; lr: number } }).recipe;
  const { steps, dSae } = options.recipe;
  const budget = `${groupThousands(steps * batch)} training samples (${groupThousands(steps)} steps of ${groupThousands(batch)}, learning rate ${lr})`;
  return `${groupThousands(dSae)} latents, ${budget}.${omitted.length === 0 ? "" : ` Left out: ${omitted.join("; ")}.`}`;
}
