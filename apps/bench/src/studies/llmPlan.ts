import { type HarvestJobConfig, harvestJob } from "../jobs/harvestJob.js";
import { type Job, job } from "../jobs/job.js";
import type { SpliceSizes } from "../jobs/spliceCost.js";
import { ablationJob, spliceJob } from "../jobs/spliceJob.js";
import { type BaselinesOptions, type BaselinesPlan, planBaselines } from "./baselinesPlan.js";

/** Every number of a comparison on a language model's activations. */
export interface LlmOptions extends Omit<BaselinesOptions, "data" | "activations"> {
  /** Name of the model for readers. */
  readonly model: string;
  readonly harvest: Omit<HarvestJobConfig, "layout" | "dtype" | "batch" | "skipBos" | "skipPositions" | "maxNorm"> &
    Partial<HarvestJobConfig>;
  /** Share of the rows kept for thresholds and explained variance. */
  readonly heldOut: number;
  /** What passes over the model take, for the estimate of what the study takes. */
  readonly passes?: () => Pick<SpliceSizes, "prefix" | "whole" | "dVocab">;
  /** Where model and texts lie on this machine. */
  readonly localModel: Readonly<Record<string, string>>;
}

/** The jobs: harvest, SAEs with all their baselines, and each of them spliced back into the model. */
export interface LlmPlan {
  readonly options: LlmOptions;
  readonly harvest: Job;
  /** The model with its activations left alone, zeroed, and replaced by their mean. */
  readonly ablation: Job;
  readonly baselines: BaselinesPlan;
  /** For each run of `baselines`, in the same order. */
  readonly splices: readonly Job[];
}

/** Plans harvest, training and splicing. */
export function planLlm(options: LlmOptions): LlmPlan {
  const { model, harvest: harvestOptions, heldOut, localModel, local, dModel, passes } = options;
  const harvest = job(harvestJob, harvestOptions, {
    title: `harvest ${model} ${harvestOptions.hook}`,
    local: { ...local, ...localModel },
    ...(passes && { sizes: () => ({ dModel, prefix: passes().prefix }) }),
  });
  const sizes =
    passes &&
    (() => ({ ...passes(), dModel, contexts: harvestOptions.evaluationContexts ?? 0, nCtx: harvestOptions.nCtx }));
  const baselines = planBaselines({
    ...options,
    ...(harvestOptions.rows !== undefined && { dataRows: harvestOptions.rows }),
    data: (seed) => ({ kind: "harvest", seed, heldOut }),
    activations: harvest,
  });
  const ablation = job(
    ablationJob,
    {},
    {
      title: `ablations at ${harvestOptions.hook}`,
      needs: { activations: harvest },
      local: localModel,
      ...(sizes && { sizes }),
    },
  );
  const splices = baselines.runs.map(({ job: sae }) =>
    job(
      spliceJob,
      {},
      {
        title: `splice ${sae.title}`,
        needs: { activations: harvest, ablation, sae },
        local: localModel,
        ...(sizes && { sizes: () => ({ ...sizes(), dSae: options.recipe.dSae }) }),
      },
    ),
  );
  return { options, harvest, ablation, baselines, splices };
}

/** All jobs of the plan, in the order of the tables. */
export const llmJobs = ({ harvest, ablation, baselines, splices }: LlmPlan): Job[] => [
  harvest,
  ablation,
  ...baselines.runs.map(({ job }) => job),
  ...splices,
];
