import { SaeError } from "@sae/core";
import type { JobKind } from "./job.js";

/** Every kind of job by its name, loaded when a worker process runs one: a training run need not wait for a language model's code. */
const kinds: Readonly<Record<string, () => Promise<unknown>>> = {
  train: async () => (await import("./trainJob.js")).trainJob,
  "random-dictionary": async () => (await import("./randomDictionaryJob.js")).randomDictionaryJob,
  harvest: async () => (await import("./harvestJob.js")).harvestJob,
  ablation: async () => (await import("./spliceJob.js")).ablationJob,
  splice: async () => (await import("./spliceJob.js")).spliceJob,
  autointerp: async () => (await import("../evaluations/autointerp/autointerpJob.js")).autointerpJob,
  "ravel-pairs": async () => (await import("../evaluations/ravel/ravelPairsJob.js")).ravelPairsJob,
  "ravel-controls": async () => (await import("../evaluations/ravel/ravelControlsJob.js")).ravelControlsJob,
  ravel: async () => (await import("../evaluations/ravel/ravelJob.js")).ravelJob,
  "probing-texts": async () => (await import("../evaluations/probing/probingTextsJob.js")).probingTextsJob,
  "probing-channels": async () => (await import("../evaluations/probing/probingJob.js")).probingChannelsJob,
  probing: async () => (await import("../evaluations/probing/probingJob.js")).probingJob,
  perf: async () => (await import("../perf/perfJob.js")).perfJob,
};

/** Their names. */
export const jobKindNames = Object.keys(kinds);

/**
 * The kind of job of a name.
 *
 * @throws SaeError `internal`
 */
export async function loadJobKind(name: string): Promise<JobKind> {
  if (!Object.hasOwn(kinds, name)) throw new SaeError("internal", `worker: no kind of job is called '${name}'`);
  return (await kinds[name]()) as JobKind;
}
