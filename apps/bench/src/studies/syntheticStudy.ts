import { checkTarget } from "./checkTarget.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Study } from "./study.js";
import { syntheticFindings } from "./syntheticFindings.js";
import { planSynthetic, type SyntheticOptions, syntheticJobs } from "./syntheticPlan.js";

/** Case study 1 as a study of its own. */
export function syntheticStudy({
  name,
  preset,
  options,
}: {
  name: string;
  preset: string;
  options: SyntheticOptions;
}): Study {
  checkTarget(options.variants, options.l0, options.recipe.dSae);
  const plan = planSynthetic(options);
  const chosen = { preset, ...recorded(options) };
  return {
    name,
    title: "Case study 1: features that are known",
    jobs: syntheticJobs(plan),
    options: chosen,
    identity: { seeds: options.seeds, data: { kind: "synthetic" } },
    summarise: async (results) => ({
      report: {
        title: "Do sparse autoencoders find features that are known?",
        summary: [
          "Case study 1 of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111), run again. An SAE can explain much of the variance and still have found none of the directions that made the data.",
        ],
        sections: await (await import("./syntheticReport.js")).syntheticSections(plan, results),
        provenance: provenanceOf(chosen),
      },
      runs: plan.runs.map(({ job, setting }) => runRecord(job, { setting }, results)),
      findings: syntheticFindings(plan, results),
    }),
  };
}

/** Everything chosen but the facts of the machine. */
export const recorded = ({ local: _, ...options }: { readonly local: object }): Record<string, unknown> => options;
