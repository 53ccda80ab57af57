import { groupThousands } from "../figures/numberText.js";
import type { HarvestJobResult } from "../jobs/harvestJob.js";
import { recordedBaselines } from "./baselinesStudy.js";
import { type LlmOptions, type LlmPlan, llmJobs, planLlm } from "./llmPlan.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Results, Study } from "./study.js";

/** The comparison with random baselines on the activations of a language model. */
export function llmStudy(name: string, options: LlmOptions): Study {
  const plan = planLlm(options);
  const chosen = recordedLlm(options);
  return {
    name,
    title: "Trained SAEs against random baselines in a language model",
    jobs: llmJobs(plan),
    options: chosen,
    summarise: async (results) => ({
      report: {
        title: `Do SAEs beat random baselines in ${options.model}?`,
        summary: [
          "Reconstruction in case study 2 of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111), in another model. What training adds is the difference to the best baseline, not the score.",
        ],
        sections: await llmSections(plan, results),
        provenance: provenanceOf(chosen),
      },
      runs: plan.baselines.runs.map(({ job }) => runRecord(job, null, results)),
      floors: floorsOf(plan, results),
    }),
  };
}

/** Tables and figures: explained variance, then the model's losses. */
async function llmSections(plan: LlmPlan, results: Results) {
  const harvest = results.of<HarvestJobResult>(plan.harvest);
  const { model, harvest: options } = plan.options;
  const rows = harvest === null ? "" : `, ${groupThousands(harvest.rows)} rows of ${harvest.dModel}`;
  return [
    ...(await import("./baselinesReport.js")).baselinesSections(
      plan.baselines,
      results,
      `Activations: ${model}, ${options.hook}${rows}.`,
    ),
    ...(await import("./spliceReport.js")).spliceSections(plan, results),
  ];
}

/** The ablations and every splice, for results.json. */
const floorsOf = ({ ablation, splices }: LlmPlan, results: Results): object[] =>
  [ablation, ...splices].flatMap((job) => {
    const result = results.of<object>(job);
    return result === null ? [] : [{ title: job.title, ...result }];
  });

/** Everything chosen, but the facts of the machine. */
function recordedLlm({ localModel: _, passes: __, ...options }: LlmOptions): Record<string, unknown> {
  return recordedBaselines({ ...options, data: () => ({ kind: "harvest", seed: 0, heldOut: options.heldOut }) });
}
