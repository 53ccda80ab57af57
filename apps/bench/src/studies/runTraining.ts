import { relative } from "node:path";
import type { Job } from "../jobs/job.js";
import { jobId } from "../jobs/job.js";
import type { RunStore } from "../jobs/runStore.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { Machine } from "../options/machineOptions.js";
import { definitions } from "../report/definitions.js";
import { textTable } from "../report/textTable.js";
import { printPlan } from "./printPlan.js";
import { runHere } from "./runHere.js";
import { reportFailures } from "./runStudy.js";

/** One run of `pnpm bench train`. */
export interface TrainingRun {
  readonly seed: number;
  readonly job: Job;
}

/**
 * Trains what is not trained yet and prints the results.
 *
 * @param out folder of the runs
 * @returns exit code
 */
export async function runTraining(
  runs: readonly TrainingRun[],
  store: RunStore,
  out: string,
  machine: Machine,
): Promise<number> {
  const jobs = runs.map(({ job }) => job);
  if (machine.dryRun) return printPlan(jobs, store, out, machine);
  const before = await Promise.all(jobs.map(async (job) => (await store.read(job)) !== null));
  runs.forEach(({ job }, i) => {
    const folder = relative(process.cwd(), store.folder(job));
    if (before[i] && !machine.quiet) process.stderr.write(`${folder}: finished before with these options; read back\n`);
  });
  const outcome = await runHere(jobs, store, machine);
  const finished = await Promise.all(
    runs.map(async ({ seed, job }) => ({
      seed,
      id: jobId(job),
      folder: relative(process.cwd(), store.folder(job)),
      config: job.config,
      result: await store.read<TrainJobResult>(job),
    })),
  );
  if (machine.json) {
    process.stdout.write(`${JSON.stringify({ format: "sae-bench train", version: 1, runs: finished })}\n`);
  } else {
    const rows = finished.flatMap(({ seed, folder, result }) =>
      result === null
        ? []
        : [
            [
              folder,
              seed,
              result.inference.explainedVariance,
              result.training.explainedVariance,
              result.inference.l0,
              result.training.l0,
              100 * result.inference.dead,
              result.drift.mean,
            ],
          ],
    );
    const table = {
      caption: "On held-out activations",
      columns: [
        { label: "Folder" },
        { label: "Seed" },
        { label: "Explained variance", digits: 4 },
        { label: "Training rule", digits: 4 },
        { label: "L0", digits: 2 },
        { label: "L0, training rule", digits: 2 },
        { label: "Dead, %", digits: 1, definition: definitions.dead },
        { label: "Decoder cosine", digits: 3 },
      ],
      rows,
    };
    if (rows.length > 0) process.stdout.write(`${textTable(table)}\n`);
  }
  return reportFailures(outcome);
}
