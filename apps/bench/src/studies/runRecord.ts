import type { Job } from "../jobs/job.js";
import { jobId } from "../jobs/job.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import type { StudyRecord } from "../results/resultsSchema.js";
import { runResultSchema } from "../results/runResultSchema.js";
import { conditionOf } from "./conditions.js";
import type { Results } from "./study.js";

type RunRecord = StudyRecord["runs"][number];

/**
 * One SAE of a study in results.json.
 *
 * @param origin where its activations come from, null or left out where that is neither a language model nor synthetic data
 */
export function runRecord(
  job: Job,
  { site = null, setting = null }: Partial<Pick<RunRecord, "site" | "setting">>,
  results: Results,
): RunRecord {
  const { variant, baseline, variantConfig, recipe } = job.config as TrainConfig;
  const { init, seed, dSae, steps, batch, lr } = recipe;
  const { id: condition, role } = conditionOf(baseline, init);
  const result = results.of<unknown>(job);
  return {
    id: jobId(job),
    title: job.title,
    site,
    setting,
    variant,
    baseline,
    init,
    condition,
    role,
    seed,
    l0: variantConfig.l0,
    dSae,
    steps,
    batch,
    lr,
    result: result === null ? null : runResultSchema.parse(result),
  };
}
