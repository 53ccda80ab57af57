import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "@sae/models";
import type { EvaluationSite } from "../evaluations/evaluation.js";
import { findEvaluation } from "../evaluations/findEvaluation.js";
import { runJobs } from "../jobs/executor.js";
import { harvestJob } from "../jobs/harvestJob.js";
import { allJobs, type Job, job, jobId } from "../jobs/job.js";
import { localModel } from "../jobs/languageModelInput.js";
import { type JobUsage, localExecutor } from "../jobs/localExecutor.js";
import { openRunStore } from "../jobs/runStore.js";
import { localTexts, openReferredTexts } from "../jobs/textsInput.js";
import { trainJob } from "../jobs/trainJob.js";

/** What one evaluation of one SAE took, job by job: those that are the same for every SAE first. */
export interface EvaluationUsage {
  readonly evaluation: string;
  readonly jobs: readonly (JobUsage & { readonly kind: string })[];
}

/** The SAE that is evaluated: TopK on the embedded model, hardly trained. */
export const evaluatedSae = { dSae: 2048, l0: 32, steps: 50, batch: 512, tokens: 40_000, contexts: 32, nCtx: 128 };

/** The evaluations that are measured, and their options where they are not the defaults. */
export const measuredEvaluations: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  splice: {},
  autointerp: { latents: 50 },
  probing: { train: 50, test: 25 },
  ravel: { candidates: 200, entities: 100, entityTokens: 2, templates: 6, trainPairs: 128, testPairs: 64 },
};

/** Makes a study of one SAE in a temporary folder, one process at a time, and says what its evaluations take. */
export async function measureEvaluations(
  ids: readonly string[],
  onEvaluation: (usage: EvaluationUsage) => void,
): Promise<EvaluationUsage[]> {
  if (ids.length === 0) return [];
  const root = await mkdtemp(join(tmpdir(), "sae-perf-"));
  const store = openRunStore(root);
  const used = new Map<string, JobUsage>();
  const executor = localExecutor(1, (item, usage) => used.set(jobId(item), usage));
  const run = async (jobs: readonly Job[]) => {
    const { failed } = await runJobs(jobs, store, executor);
    if (failed.length > 0) throw failed[0].error;
  };
  try {
    const { site, sae } = await smallStudy();
    await run([sae]);
    const before = new Set(allJobs([sae]).map(jobId));
    const found: EvaluationUsage[] = [];
    for (const id of ids) {
      const { config: schema, prepare, evaluate } = findEvaluation(id);
      const config = schema.parse(measuredEvaluations[id]);
      const prepared = prepare(site, config);
      const jobs = [...Object.values(prepared), evaluate(site, config, prepared, sae)];
      await run(jobs);
      const own = allJobs(jobs).filter((item) => !before.has(jobId(item)));
      const usage = {
        evaluation: id,
        jobs: own.map((item) => ({ kind: item.kind, ...(used.get(jobId(item)) as JobUsage) })),
      };
      onEvaluation(usage);
      found.push(usage);
    }
    return found;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** An SAE after the middle block of the embedded model, and where it sits. */
async function smallStudy(): Promise<{ site: EvaluationSite; sae: Job }> {
  const { dSae, l0, steps, batch, tokens, contexts, nCtx } = evaluatedSae;
  const reference = "embedded";
  const model = await loadModel(reference);
  const hook = `blocks.${model.sizes.nLayers >> 1}.hook_resid_post`;
  const texts = await openReferredTexts(reference);
  const local = { provider: "cpu", ...localModel({ model: reference }), ...localTexts(reference) };
  const harvest = job(
    harvestJob,
    { model: model.identity, hook, texts: texts.identity, nCtx, rows: tokens, evaluationContexts: contexts },
    { title: `harvest ${hook}`, local },
  );
  const sae = job(
    trainJob,
    {
      data: { kind: "harvest", seed: 0, heldOut: 0.05 },
      variant: "topk",
      variantConfig: { l0 },
      recipe: { dSae, steps, batch },
      evaluationRows: batch,
      calibrationRows: batch,
    },
    { title: "topk", needs: { activations: harvest }, local },
  );
  await model.close();
  return { site: { model: reference, identity: model.identity, hook, harvest, local, seed: 0 }, sae };
}
