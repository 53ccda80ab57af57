import { join } from "node:path";
import { openSafetensors } from "@sae/core";
import type { Cost } from "../costs/cost.js";
import { type Device, memoryOn, secondsOn } from "../costs/device.js";
import { siText } from "../costs/siText.js";
import { allJobs, type Job, jobId } from "../jobs/job.js";
import type { RunStore } from "../jobs/runStore.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import type { ReportTable } from "../report/report.js";

/** What `--dry-run` tells of a job. */
export interface PlannedJob {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly state: "done" | "begun" | "to do";
  /** Optimiser steps in all, and those made by the last checkpoint. */
  readonly steps: number;
  readonly stepsMade: number;
  /** Of the whole job on the device; null where it cannot be told. */
  readonly cost: Cost | null;
  /** Estimated, of what is left. */
  readonly hours: number | null;
}

/** Looks at every job of a study without running any. */
export async function planOf(jobs: readonly Job[], store: RunStore, device: Device): Promise<PlannedJob[]> {
  return Promise.all(
    allJobs(jobs).map(async (job): Promise<PlannedJob> => {
      const steps = (job.config as Partial<TrainConfig>).recipe?.steps ?? 0;
      const own = job.cost?.() ?? null;
      const cost = own && { ...own, memoryBytes: memoryOn(device, own) };
      const common = { id: jobId(job), kind: job.kind, title: job.title, steps, cost };
      if ((await store.read(job)) !== null) return { ...common, state: "done", stepsMade: steps, hours: 0 };
      const stepsMade = await checkpointStep(store.folder(job));
      const left = steps === 0 ? 1 : (steps - stepsMade) / steps;
      const hours = cost && (left * secondsOn(device, cost)) / 3600;
      return { ...common, state: stepsMade > 0 ? "begun" : "to do", stepsMade, hours };
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
    columns: [
      { label: "Job" },
      { label: "State" },
      { label: "Steps" },
      { label: "Made" },
      { label: "FLOP" },
      { label: "Memory" },
      { label: "Disk" },
      { label: "Hours left", digits: hourDigits(plan.map(({ hours }) => hours ?? 0)) },
      { label: "Folder" },
    ],
    rows: plan.map(({ id, title, state, steps, stepsMade, cost, hours }) => [
      title,
      state,
      steps,
      stepsMade,
      cost && siText(cost.flops, ""),
      cost && siText(cost.memoryBytes, "B"),
      cost && siText(cost.diskBytes, "B"),
      hours,
      id,
    ]),
  };
}

/** As many digits as tell seconds apart where all is over within hours, and none where it takes weeks. */
export function hourDigits(hours: readonly number[]): number {
  const most = Math.max(0, ...hours);
  return most < 1 ? 4 : most < 100 ? 2 : 0;
}
