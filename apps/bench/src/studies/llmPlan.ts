import type { ForwardCost } from "@sae/models";
import type { EvaluationSite } from "../evaluations/evaluation.js";
import { type HarvestJobConfig, harvestJob } from "../jobs/harvestJob.js";
import { type Job, job } from "../jobs/job.js";
import { type BaselinesOptions, type BaselinesPlan, planBaselines } from "./baselinesPlan.js";
import { type EvaluationChoice, evaluationJobs, type PlannedEvaluation, planEvaluation } from "./evaluationPlan.js";

/** Every choice of a study on a language model's activations. */
export interface LlmStudyOptions extends Omit<BaselinesOptions, "data" | "activations"> {
  /** Name of the model for readers. */
  readonly model: string;
  readonly harvest: Omit<HarvestJobConfig, "layout" | "dtype" | "batch" | "skipBos" | "skipPositions" | "maxNorm"> &
    Partial<HarvestJobConfig>;
  /** Share of the rows kept for thresholds and explained variance. */
  readonly heldOut: number;
  /** What is measured on the SAEs, in the order of the report. */
  readonly evaluations: readonly EvaluationChoice[];
  /** The model up to the hook, for the estimate of what the study takes. */
  readonly prefix?: () => ForwardCost;
  /** Where model and texts lie on this machine. */
  readonly localModel: Readonly<Record<string, string>>;
}

/** The jobs: harvest, SAEs with all their baselines, and what is measured on each of them. */
export interface LlmPlan {
  readonly options: LlmStudyOptions;
  readonly harvest: Job;
  readonly baselines: BaselinesPlan;
  readonly evaluations: readonly PlannedEvaluation[];
}

/**
 * Plans harvest, training and evaluations.
 *
 * @throws SaeError `bad_option`, `unknown_evaluation`
 */
export function planLlm(options: LlmStudyOptions): LlmPlan {
  const { model, harvest: harvestOptions, heldOut, localModel, local, seeds, dModel, prefix } = options;
  const harvest = job(harvestJob, harvestOptions, {
    title: `harvest ${model} ${harvestOptions.hook}`,
    local: { ...local, ...localModel },
    ...(prefix && { sizes: () => ({ dModel, prefix: prefix() }) }),
  });
  const baselines = planBaselines({
    ...options,
    ...(harvestOptions.rows !== undefined && { dataRows: harvestOptions.rows }),
    data: (seed) => ({ kind: "harvest", seed, heldOut }),
    activations: harvest,
  });
  const site: EvaluationSite = {
    model,
    identity: harvestOptions.model,
    hook: harvestOptions.hook,
    harvest,
    local: { ...local, ...localModel },
    seed: seeds[0],
  };
  const evaluations = options.evaluations.map((choice) => planEvaluation(choice, site, baselines));
  return { options, harvest, baselines, evaluations };
}

/** All jobs of the plan, in the order of the tables. */
export const llmJobs = ({ harvest, baselines, evaluations }: LlmPlan): Job[] => [
  harvest,
  ...baselines.runs.map(({ job }) => job),
  ...evaluations.flatMap(evaluationJobs),
];
