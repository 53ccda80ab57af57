import { variants } from "@sae/autoencoders";
import { planBaselines } from "./baselinesPlan.js";
import { recordedBaselines } from "./baselinesStudy.js";
import { conditionOf } from "./conditions.js";
import { paperSetting, presets } from "./presets.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Study } from "./study.js";
import { planSynthetic, type SyntheticOptions, settingNames, syntheticData, syntheticJobs } from "./syntheticPlan.js";
import { floorsOf, recorded } from "./syntheticStudy.js";

/** Sizes of the table of baselines in the quick study. */
const table = {
  recipe: { ...presets.quick.recipe, dSae: 800 },
  rows: { evaluationRows: 16_384, calibrationRows: 16_384 },
  conditions: [
    "trained",
    "frozen_decoder",
    "soft_frozen_decoder",
    "frozen_encoder",
    "random",
    "pca",
    "shuffled_decoder",
  ],
};

/** `pnpm bench`: both case studies in little, on synthetic activations, in minutes. */
export function quickStudy(seed: number, local: Readonly<Record<string, string>>): Study {
  const names = variants.map(({ name }) => name);
  const preset = presets.quick;
  const options: SyntheticOptions = {
    ...paperSetting,
    ...preset,
    settings: settingNames,
    variants: names,
    seeds: [seed],
    local,
  };
  const synthetic = planSynthetic(options);
  const baselines = planBaselines({
    data: (s) => syntheticData(options, "variable", s),
    dModel: options.n,
    variants: names,
    conditions: table.conditions.map((name) => conditionOf(name)),
    l0s: [options.l0],
    seeds: [seed],
    recipe: table.recipe,
    variantOptions: preset.variantOptions,
    rows: table.rows,
    local,
  });
  const chosen = { seed, synthetic: recorded(options), baselines: recordedBaselines(baselines.options) };
  return {
    name: "quick",
    title: "The quick study",
    jobs: [...syntheticJobs(synthetic), ...baselines.runs.map(({ job }) => job)],
    options: chosen,
    summarise: async (results) => ({
      report: {
        title: "Sanity checks for sparse autoencoders: the quick study",
        summary: [
          "Both case studies of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111) in little: the paper's sizes, architectures and settings, but a four-hundredth of its training samples. What recovery needs far longer runs for is not there yet; `pnpm bench synthetic --preset paper` is the whole of case study 1, and `pnpm bench baselines --data FILE` compares on activations of yours.",
        ],
        sections: [
          ...(await (await import("./syntheticReport.js")).syntheticSections(synthetic, results)),
          ...(await import("./baselinesReport.js")).baselinesSections(
            baselines,
            results,
            "Every architecture, fully trained, as each random baseline, and as controls, on the synthetic activations with variable probability; fewer latents than above, to be quick.",
          ),
        ],
        provenance: provenanceOf(chosen),
      },
      runs: [
        ...synthetic.runs.map(({ job, setting }) => runRecord(job, setting, results)),
        ...baselines.runs.map(({ job }) => runRecord(job, "variable", results)),
      ],
      floors: floorsOf(synthetic, results),
    }),
  };
}
