import { groupThousands } from "../figures/numberText.js";
import { sinksText } from "../jobs/activationMoments.js";
import type { HarvestJobResult } from "../jobs/harvestJob.js";
import { harvestShortfall } from "../jobs/harvestShortfall.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import { recordedBaselines } from "./baselinesStudy.js";
import { allFindings } from "./findings.js";
import { type LlmPlan, type LlmStudyOptions, llmJobs, planLlm, siteOf } from "./llmPlan.js";
import { ofSite, type ReportParts } from "./ofSite.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Results, Study, Summary } from "./study.js";

/** The comparison with random baselines on the activations of language models, at one site or several. */
export function llmStudy(name: string, sites: readonly LlmStudyOptions[]): Study {
  const plans = sites.map(planLlm);
  const chosen = recordedLlm(sites);
  const models = [...new Set(sites.map(({ model }) => model))];
  return {
    name,
    title: "Trained SAEs against random baselines in a language model",
    jobs: llmJobs(plans),
    options: chosen,
    identity: { seeds: [...new Set(sites.flatMap(({ seeds }) => seeds))], data: llmData(sites) },
    summarise: async (results) => {
      const { verdicts, sections, ...summary } = await summariseLlm(plans, results);
      return {
        ...summary,
        report: {
          title: `Do SAEs beat random baselines in ${models.join(" and ")}?`,
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

/** What the jobs of the plans say, site by site: parts of a summary, for a study of its own or within another. */
export async function summariseLlm(
  plans: readonly LlmPlan[],
  results: Results,
): Promise<Pick<Summary, "runs" | "findings"> & ReportParts> {
  const { llmSections } = await import("./llmReport.js");
  const parts: (Pick<Summary, "findings"> & ReportParts)[] = [];
  for (const plan of plans) {
    const own = await llmSections(plan, aboutActivations(plan, results), results);
    const { site } = plan.options;
    parts.push(site === undefined ? own : { ...own, ...ofSite(site, own) });
  }
  return {
    verdicts: parts.flatMap(({ verdicts }) => verdicts),
    sections: parts.flatMap(({ sections }) => sections),
    findings: allFindings(parts.map(({ findings }) => findings)),
    runs: plans.flatMap(({ baselines, options }) =>
      baselines.runs.map(({ job }) => runRecord(job, { site: siteOf(options) }, results)),
    ),
  };
}

/** The activations of a site in a few sentences: where they come from, how many there are, and what is wrong with them. */
export function aboutActivations(plan: LlmPlan, results: Results): string {
  const { model, harvest } = plan.options;
  const found = results.of<HarvestJobResult>(plan.harvest);
  const from = `Activations: ${model}, ${harvest.hook}`;
  if (found === null) return `${from}.`;
  const sinks = found.sinks === undefined ? null : sinksText(found.sinks);
  return [
    `${from}, ${groupThousands(found.rows)} rows of ${found.dModel}.`,
    ...shortfallSentence(plan, found),
    ...(sinks === null ? [] : [`${sinks}.`]),
  ].join(" ");
}

/** Too little text shows in nothing else: training goes over it again and again. */
function shortfallSentence({ options, baselines }: LlmPlan, { rows }: HarvestJobResult): string[] {
  const shortfall = harvestShortfall(options.harvest, { rows });
  if (shortfall === null) return [];
  const { recipe } = baselines.runs[0].job.config as TrainConfig;
  const times = (recipe.steps * recipe.batch) / (rows * (1 - options.heldOut));
  return [`T${shortfall.slice(1)}; in training each is seen ${Number(times.toPrecision(2))} times.`];
}

/** What identifies model and texts; of several sites a list. */
export function llmData(sites: readonly LlmStudyOptions[]): Record<string, unknown> {
  const all = sites.map((options) => {
    const { model, texts } = options.harvest;
    return { ...siteOf(options), weights: model, texts };
  });
  return all.length === 1 ? all[0] : { sites: all };
}

/** Everything chosen, but the facts of the machine; of several sites a list. */
export function recordedLlm(sites: readonly LlmStudyOptions[]): Record<string, unknown> {
  const all = sites.map(({ localModel: _, modelSizes: __, ...options }) =>
    recordedBaselines({ ...options, data: () => ({ kind: "harvest", seed: 0, heldOut: options.heldOut }) }),
  );
  return all.length === 1 ? all[0] : { sites: all };
}
