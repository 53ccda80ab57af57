import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runJobs } from "../jobs/executor.js";
import { type JobKind, job } from "../jobs/job.js";
import { localExecutor } from "../jobs/localExecutor.js";
import { openRunStore } from "../jobs/runStore.js";
import { type PerfJobResult, perfJob } from "./perfJob.js";
import type { PerfShape } from "./shapes.js";

export interface Scaling {
  readonly variant: string;
  /** Throughput of one training process alone, and of two at once together. */
  readonly oneProcess: number;
  readonly twoProcesses: number;
  /** twoProcesses / oneProcess. */
  readonly factor: number;
}

/** Runs `count` training processes at once and returns what each measured. */
async function together(shape: PerfShape, variant: string, count: number, steps: number): Promise<PerfJobResult[]> {
  const root = await mkdtemp(join(tmpdir(), "sae-perf-"));
  const store = openRunStore(root);
  const { dSae, l0, batch } = shape;
  // Jobs of equal config are one job: the number of steps tells them apart.
  const jobs = Array.from({ length: count }, (_, i) =>
    job(
      perfJob as JobKind<typeof perfJob.config>,
      { variant, dSae, l0, batch, steps: steps + i },
      { title: `perf ${variant} ${i + 1}/${count}` },
    ),
  );
  const { failed } = await runJobs(jobs, store, localExecutor(count));
  if (failed.length > 0) throw failed[0].error;
  const results = await Promise.all(jobs.map(async (item) => (await store.read<PerfJobResult>(item)) as PerfJobResult));
  await rm(root, { recursive: true, force: true });
  return results;
}

/** Throughput of one and of two processes. */
export async function measureScaling(shape: PerfShape, variant: string, steps: number): Promise<Scaling> {
  const rate = (results: readonly PerfJobResult[]) =>
    results.reduce((total, { samplesPerSecond }) => total + samplesPerSecond, 0);
  const oneProcess = rate(await together(shape, variant, 1, steps));
  const twoProcesses = rate(await together(shape, variant, 2, steps));
  return { variant, oneProcess, twoProcesses, factor: twoProcesses / oneProcess };
}

/** Largest resident set of a training process, from its first steps (when ReLU and JumpReLU codes are still dense) on. */
export async function measureMemory(shape: PerfShape, variant: string, steps: number): Promise<number> {
  const [{ peakBytes }] = await together(shape, variant, 1, steps);
  return peakBytes;
}
