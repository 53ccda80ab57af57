import type { EvaluationSite } from "../evaluations/evaluation.js";
import type { SiteSizes } from "../evaluations/siteSizes.js";
import { type HarvestJobConfig, harvestJob } from "../jobs/harvestJob.js";
import { type Job, job, neededJobs } from "../jobs/job.js";
import { type BaselinesOptions, type BaselinesPlan, planBaselines } from "./baselinesPlan.js";
import { type EvaluationChoice, type PlannedEvaluation, planEvaluation } from "./evaluationPlan.js";

/** Every choice of a study on the activations at one site: a hook of a language model. */
export interface LlmStudyOptions extends Omit<BaselinesOptions, "data" | "activations"> {
  /** Name of the model for readers. */
  readonly model: string;
  readonly harvest: Omit<HarvestJobConfig, "layout" | "dtype" | "batch" | "skipBos" | "skipPositions" | "maxNorm"> &
    Partial<HarvestJobConfig>;
  /** Share of the rows kept for thresholds and explained variance. */
  readonly heldOut: number;
  /** What is measured on the SAEs, in the order of the report. */
  readonly evaluations: readonly EvaluationChoice[];
  /** Of the model, for the estimate of what the study takes. */
  readonly modelSizes?: () => Pick<SiteSizes, "dVocab" | "nLayers" | "prefix" | "whole">;
  /** Set where nothing is run: inputs need not be on this machine. */
  readonly isDryRun?: boolean;
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
  const { model, harvest: harvestOptions, heldOut, localModel, local, seeds, dModel, modelSizes, site: name } = options;
  const { rows, evaluationContexts: contexts, nCtx } = harvestOptions;
  const harvest = job(harvestJob, harvestOptions, {
    title: `harvest ${model} ${harvestOptions.hook}`,
    local: { ...local, ...localModel },
    ...(modelSizes && { sizes: () => ({ dModel, prefix: modelSizes().prefix }) }),
  });
  const baselines = planBaselines({
    ...options,
    ...(rows !== undefined && { dataRows: rows }),
    data: (seed) => ({ kind: "harvest", seed, heldOut }),
    activations: harvest,
  });
  const site: EvaluationSite = {
    model,
    identity: harvestOptions.model,
    hook: harvestOptions.hook,
    ...(name !== undefined && { title: name }),
    ...(modelSizes && { sizes: () => ({ ...modelSizes(), dModel, rows, contexts, nCtx }) }),
    ...(options.isDryRun && { isDryRun: true }),
    harvest,
    local: { ...local, ...localModel },
    seed: seeds[0],
  };
  const evaluations = options.evaluations.map((choice) => planEvaluation(choice, site, baselines));
  return { options, harvest, baselines, evaluations };
}

/** What the evaluations of a plan need beside the SAEs. */
const preparedJobs = ({ evaluations }: LlmPlan): Job[] =>
  evaluations.flatMap(({ prepared }) => Object.values(prepared));

/**
 * All jobs of the plans, each behind those it needs. What reads the tables and texts of evaluations comes before hours of training: a column that is not
 * there, a class without texts or a data set that cannot be fetched shows at once.
 */
export const llmJobs = (plans: readonly LlmPlan[]): Job[] => {
  const needsNothing = (one: Job) => neededJobs(one).length === 0;
  return [
    ...plans.flatMap(preparedJobs).filter(needsNothing),
    ...plans.flatMap((plan) => [
      plan.harvest,
      ...preparedJobs(plan).filter((one) => !needsNothing(one)),
      ...plan.baselines.runs.map(({ job }) => job),
      ...plan.evaluations.flatMap((evaluation) => evaluation.plan.runs.map(evaluation.jobOf)),
    ]),
  ];
};

/** The site in results.json. */
export const siteOf = ({ model, harvest: { hook } }: Pick<LlmStudyOptions, "model" | "harvest">) => ({ model, hook });
