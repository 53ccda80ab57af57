import { join } from "node:path";
import { openSafetensors } from "@sae/core";
import { allJobs, type Job, jobId } from "../jobs/job.js";
import type { RunStore } from "../jobs/runStore.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import type { ReportTable } from "../report/report.js";

/** What `--dry-run` tells of a job. */
export interface PlannedJob {
  readonly id: string;
  readonly title: string;
  readonly state: "done" | "begun" | "to do";
  /** Optimiser steps in all, and those made by the last checkpoint. */
  readonly steps: number;
  readonly stepsMade: number;
}

/** Looks at every job of a study without running any. */
export async function planOf(jobs: readonly Job[], store: RunStore): Promise<PlannedJob[]> {
  return Promise.all(
    allJobs(jobs).map(async (job): Promise<PlannedJob> => {
      const steps = (job.config as Partial<TrainConfig>).recipe?.steps ?? 0;
      const common = { id: jobId(job), title: job.title, steps };
      if ((await store.read(job)) !== null) return { ...common, state: "done", stepsMade: steps };
      const stepsMade = await checkpointStep(store.folder(job));
      return { ...common, state: stepsMade > 0 ? "begun" : "to do", stepsMade };
    }),
  );
}

/** Steps of the checkpoint in a folder; 0 without a readable one. */
async function checkpointStep(folder: string): Promise<number> {
  const reader = await openSafetensors(join(folder, "checkpoint.safetensors")).catch(() => null);
  if (reader === null) return 0;
  await reader.close();
  return Number(reader.metadata.step ?? 0);
}

/** The plan as a table. */
export function planTable(plan: readonly PlannedJob[]): ReportTable {
  const left = plan.reduce((total, { steps, stepsMade }) => total + steps - stepsMade, 0);
  const count = (state: PlannedJob["state"]) => plan.filter((job) => job.state === state).length;
  return {
    caption: `${plan.length} jobs: ${count("done")} done, ${count("begun")} begun, ${count("to do")} to do; ${left} steps to make`,
    columns: [{ label: "Job" }, { label: "State" }, { label: "Steps" }, { label: "Made" }, { label: "Folder" }],
    rows: plan.map(({ id, title, state, steps, stepsMade }) => [title, state, steps, stepsMade, id]),
  };
}
