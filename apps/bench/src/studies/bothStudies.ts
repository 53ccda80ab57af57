import { variants } from "@sae/autoencoders";
import { allFindings } from "./findings.js";
import { type LlmStudyOptions, llmJobs, planLlm } from "./llmPlan.js";
import { llmData, recordedLlm, summariseLlm } from "./llmStudy.js";
import { type PresetName, paperSetting, presets } from "./presets.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Study } from "./study.js";
import { syntheticFindings } from "./syntheticFindings.js";
import { planSynthetic, type SyntheticOptions, settingNames, syntheticJobs } from "./syntheticPlan.js";
import { recorded } from "./syntheticStudy.js";

const about =
  "Both case studies of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111): on synthetic activations whose features are known, and in a language model.";

const inLittle =
  "Both case studies of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111) in little: on synthetic activations the paper's sizes, architectures and settings, but a four-hundredth of its training samples; in a language model every architecture and baseline, but a small model and short training. `pnpm bench synthetic --preset paper` is the whole of case study 1, and `pnpm bench llm` compares in a model of yours.";

/**
 * `pnpm bench`: both case studies.
 *
 * @param options.seed of case study 1
 * @param options.sites of case study 2
 */
export function bothStudies({
  preset,
  seed,
  sites,
  local,
}: {
  readonly preset: PresetName;
  readonly seed: number;
  readonly sites: readonly LlmStudyOptions[];
  readonly local: Readonly<Record<string, string>>;
}): Study {
  const options: SyntheticOptions = {
    ...paperSetting,
    ...presets[preset],
    settings: settingNames,
    variants: variants.map(({ name }) => name),
    seeds: [seed],
    local,
  };
  const synthetic = planSynthetic(options);
  const inModels = sites.map(planLlm);
  const chosen = { seed, synthetic: recorded(options), llm: recordedLlm(sites) };
  return {
    name: preset,
    title: `Both case studies, ${preset}`,
    jobs: [...llmJobs(inModels), ...syntheticJobs(synthetic)],
    options: chosen,
    identity: { seeds: [seed], data: llmData(sites) },
    summarise: async (results) => {
      const { syntheticSections } = await import("./syntheticReport.js");
      const known = await syntheticSections(synthetic, results);
      const { verdicts, sections, runs, findings } = await summariseLlm(inModels, results);
      return {
        report: {
          title: `Sanity checks for sparse autoencoders: the ${preset} study`,
          summary: [preset === "quick" ? inLittle : about],
          verdicts,
          sections: [...sections, ...known],
          provenance: provenanceOf(chosen),
        },
        runs: [...synthetic.runs.map(({ job, setting }) => runRecord(job, { setting }, results)), ...runs],
        findings: allFindings([findings, syntheticFindings(synthetic, results)]),
      };
    },
  };
}
