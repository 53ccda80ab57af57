import { groupThousands } from "../figures/numberText.js";
import type { HarvestJobResult } from "../jobs/harvestJob.js";
import { recordedBaselines } from "./baselinesStudy.js";
import { type LlmPlan, type LlmStudyOptions, llmJobs, planLlm } from "./llmPlan.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Results, Study, Summary } from "./study.js";

/** The comparison with random baselines on the activations of a language model. */
export function llmStudy(name: string, options: LlmStudyOptions): Study {
  const plan = planLlm(options);
  const chosen = recordedLlm(options);
  return {
    name,
    title: "Trained SAEs against random baselines in a language model",
    jobs: llmJobs(plan),
    options: chosen,
    summarise: async (results) => {
      const { verdicts, sections, ...summary } = await summariseLlm(plan, results);
      return {
        ...summary,
        report: {
          title: `Do SAEs beat random baselines in ${options.model}?`,
          summary: [
            "Case study 2 of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111), in another model. What training adds is the difference to the strongest baseline, not the score.",
          ],
          verdicts,
          sections,
          provenance: provenanceOf(chosen),
        },
      };
    },
  };
}

/** What the jobs of the plan say: parts of a summary, for a study of its own or within another. */
export async function summariseLlm(
  plan: LlmPlan,
  results: Results,
): Promise<Pick<Summary, "runs" | "floors"> & Required<Pick<Summary["report"], "verdicts" | "sections">>> {
  const { llmSections } = await import("./llmReport.js");
  return {
    ...(await llmSections(plan, aboutActivations(plan, results), results)),
    runs: plan.baselines.runs.map(({ job }) => runRecord(job, null, results)),
    floors: evaluationRecords(plan, results),
  };
}

function aboutActivations({ harvest, options }: LlmPlan, results: Results): string {
  const found = results.of<HarvestJobResult>(harvest);
  const rows = found === null ? "" : `, ${groupThousands(found.rows)} rows of ${found.dModel}`;
  return `Activations: ${options.model}, ${options.harvest.hook}${rows}.`;
}

/** The result of every prepared and every evaluation job, for results.json. */
const evaluationRecords = ({ evaluations }: LlmPlan, results: Results): object[] =>
  evaluations
    .filter(({ evaluation }) => evaluation.scores === undefined)
    .flatMap(({ prepared, plan, jobOf }) => [...Object.values(prepared), ...plan.runs.map(jobOf)])
    .flatMap((job) => {
      const result = results.of<object>(job);
      return result === null ? [] : [{ title: job.title, ...result }];
    });

/** Everything chosen, but the facts of the machine. */
export function recordedLlm({ localModel: _, prefix: __, ...options }: LlmStudyOptions): Record<string, unknown> {
  return recordedBaselines({ ...options, data: () => ({ kind: "harvest", seed: 0, heldOut: options.heldOut }) });
}
