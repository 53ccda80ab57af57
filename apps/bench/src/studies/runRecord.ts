import type { Job } from "../jobs/job.js";
import { jobId } from "../jobs/job.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { Results } from "./study.js";

/** One SAE of a study in results.json: what it is, and every number measured on it. */
export interface RunRecord {
  /** Name of its folder among the jobs. */
  readonly id: string;
  readonly title: string;
  readonly variant: string;
  readonly baseline: string;
  readonly init: string;
  readonly seed: number;
  /** Target L0. */
  readonly l0: number;
  readonly dSae: number;
  readonly steps: number;
  readonly batch: number;
  readonly lr: number;
  /** Name of the probability setting, where activations are synthetic. */
  readonly setting: string | null;
  /** Model and hook, where the study has several sites. */
  readonly site?: string;
  /** Null when the job failed or was not started. */
  readonly result: TrainJobResult | null;
}

/** @param setting see {@link RunRecord} */
export function runRecord(job: Job, setting: string | null, results: Results): RunRecord {
  const { variant, baseline, variantConfig, recipe } = job.config as TrainConfig;
  const { init, seed, dSae, steps, batch, lr } = recipe;
  return {
    id: jobId(job),
    title: job.title,
    variant,
    baseline,
    init,
    seed,
    l0: variantConfig.l0,
    dSae,
    steps,
    batch,
    lr,
    setting,
    result: results.of<TrainJobResult>(job),
  };
}
