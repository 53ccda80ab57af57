import type { Device } from "../costs/device.js";
import { siText } from "../costs/siText.js";
import type { ReportTable } from "../report/report.js";
import { hourDigits, type PlannedJob } from "./planTable.js";

/** What is left to do of one kind of job, or of all. */
export interface PlanTotal {
  /** Null for all kinds together. */
  readonly kind: string | null;
  readonly jobs: number;
  readonly flops: number;
  /** One job after the other. */
  readonly hours: number;
  /** As many jobs side by side as there are cores. */
  readonly hoursSideBySide: number;
  /** Of the largest job. */
  readonly memoryBytes: number;
  /** What the jobs leave. */
  readonly diskBytes: number;
  readonly requests: number;
  /** Jobs whose cost nobody can tell: they are in none of the numbers. */
  readonly unknown: number;
}

/** Totals of the jobs that are not done, by kind in the order of the plan; the last one is of all. */
export function planTotals(plan: readonly PlannedJob[], { cores }: Device): PlanTotal[] {
  const left = plan.filter(({ state }) => state !== "done");
  const kinds = [...new Set(left.map(({ kind }) => kind))];
  const groups = kinds.map((kind) =>
    totalOf(
      kind,
      left.filter((job) => job.kind === kind),
      cores,
    ),
  );
  return [...groups, totalOf(null, left, cores)];
}

function totalOf(kind: string | null, jobs: readonly PlannedJob[], cores: number): PlanTotal {
  const known = jobs.flatMap(({ cost, hours }) => (cost === null ? [] : [{ ...cost, hours: hours ?? 0 }]));
  const sum = (of: (job: (typeof known)[number]) => number) => known.reduce((total, job) => total + of(job), 0);
  return {
    kind,
    jobs: jobs.length,
    flops: sum(({ flops }) => flops),
    hours: sum(({ hours }) => hours),
    hoursSideBySide: sum(({ hours, allCores }) => (allCores ? hours : hours / Math.min(cores, known.length))),
    memoryBytes: Math.max(0, ...known.map(({ memoryBytes }) => memoryBytes)),
    diskBytes: sum(({ diskBytes }) => diskBytes),
    requests: sum(({ requests }) => requests),
    unknown: jobs.length - known.length,
  };
}

/** The totals as a table. */
export function totalsTable(totals: readonly PlanTotal[], device: Device): ReportTable {
  return {
    caption: `What is left, on ${device.name}`,
    columns: [
      { label: "Kind" },
      { label: "Jobs" },
      { label: "FLOP" },
      { label: "Largest memory" },
      { label: "Disk" },
      { label: "Hours one after the other", digits: hourDigits(totals.map(({ hours }) => hours)) },
    ],
    rows: totals.map(({ kind, jobs, flops, memoryBytes, diskBytes, hours, unknown }) => [
      kind ?? "all",
      jobs,
      unknown === jobs && jobs > 0 ? null : siText(flops, ""),
      unknown === jobs && jobs > 0 ? null : siText(memoryBytes, "B"),
      unknown === jobs && jobs > 0 ? null : siText(diskBytes, "B"),
      unknown === jobs && jobs > 0 ? null : hours,
    ]),
  };
}
