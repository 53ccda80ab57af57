import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { deviceSentence } from "../costs/device.js";
import { allJobs, type Job } from "../jobs/job.js";
import type { RunStore } from "../jobs/runStore.js";
import type { Machine } from "../options/machineOptions.js";
import { textTable } from "../report/textTable.js";
import { planOf, planTable } from "./planTable.js";
import { type PlanTotal, planTotals, totalsTable } from "./planTotals.js";
import { planWarnings } from "./planWarnings.js";

/**
 * Lists the jobs of a plan on stdout with what they are estimated to take.
 *
 * @param out folder of the results
 * @param notes further sentences
 * @returns exit code
 */
export async function printPlan(
  jobs: readonly Job[],
  store: RunStore,
  out: string,
  machine: Machine,
  notes: readonly string[] = [],
): Promise<number> {
  const { device } = machine;
  const plan = await planOf(jobs, store, device);
  const totals = planTotals(plan, device);
  const workers = machine.workersFor(allJobs(jobs).length);
  const warnings = planWarnings(plan, totals, { device, freeBytes: await freeBytes(out), workers, out });
  if (machine.json) {
    const record = { format: "sae-bench plan", version: 1, device, jobs: plan, totals, notes, warnings };
    process.stdout.write(`${JSON.stringify(record)}\n`);
    return 0;
  }
  const lines = [...sentences(totals), deviceSentence(device), ...notes, ...warnings];
  const tables = [planTable(plan), totalsTable(totals, device)].map(textTable);
  process.stdout.write(`${[...tables, lines.join("\n")].join("\n\n\n")}\n`);
  return 0;
}

function sentences(totals: readonly PlanTotal[]): string[] {
  const all = totals.at(-1);
  if (all === undefined || all.jobs === 0) return ["All jobs are done."];
  const { hours, hoursSideBySide, requests } = all;
  const time = `Estimated time: ${duration(hours)} one after the other${hoursSideBySide < 0.99 * hours ? `, ${duration(hoursSideBySide)} with a job on each core` : ""}. Estimates are rough: see docs/costs.md.`;
  const unknown = totals.flatMap(({ kind, unknown: count }) =>
    kind === null || count === 0 ? [] : [`${count} of kind ${kind}`],
  );
  return [
    time,
    ...(requests > 0
      ? [`${requests} requests go to a language model's API; their time and price are not in the estimate.`]
      : []),
    ...(unknown.length > 0 ? [`Not estimated: ${unknown.join(", ")}.`] : []),
  ];
}

function duration(hours: number): string {
  if (hours < 1 / 60) return `${Math.ceil(hours * 3600)} s`;
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return hours < 72 ? `${Number(hours.toPrecision(2))} hours` : `${Number((hours / 24).toPrecision(2))} days`;
}

/** Free on the disk of a folder, which need not be there yet. */
async function freeBytes(folder: string): Promise<number> {
  const path = resolve(folder);
  const found = await statfs(path).catch(() => null);
  if (found !== null) return found.bavail * found.bsize;
  return path === dirname(path) ? Number.POSITIVE_INFINITY : freeBytes(dirname(path));
}
