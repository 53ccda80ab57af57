import { join } from "node:path";
import { errorMessage } from "../errors.js";
import { exitCodeOf } from "../exitCodes.js";
import type { StudyOutcome } from "../jobs/executor.js";
import { shortfallWarnings } from "../jobs/harvestShortfall.js";
import { allJobs, type Job, jobId } from "../jobs/job.js";
import { openRunStore, type RunStore } from "../jobs/runStore.js";
import type { Machine } from "../options/machineOptions.js";
import { textTable } from "../report/textTable.js";
import { printPlan } from "./printPlan.js";
import { runHere } from "./runHere.js";
import type { Results, Study } from "./study.js";
import { studyRecord } from "./studyRecord.js";

/**
 * Runs what is not done of a study, writes its report and prints its tables.
 *
 * @param out folder: jobs go to `out/jobs`, the report to `out/report-<name>`
 * @param command the command line that gives the same results, for the report
 * @returns exit code
 */
export async function runStudy(study: Study, out: string, machine: Machine, command: string): Promise<number> {
  const store = openRunStore(join(out, "jobs"));
  if (machine.dryRun) return printPlan(study.jobs, store, out, machine, study.planNotes);
  const outcome = await runHere(study.jobs, store, machine);
  const results = await readResults(study.jobs, store);
  const found = await study.summarise(results);
  const failed = failuresOf(outcome);
  const report = { ...found.report, command, ...(failed.length > 0 && { failed }) };
  const summary = { ...found, report };
  // Figures take a while to load; commands that draw none need not wait for them.
  const { writeReport } = await import("./writeReport.js");
  const record = studyRecord(study, summary, command, failed);
  const { sections } = summary.report;
  const files = sections.length === 0 ? [] : await writeReport(join(out, `report-${study.name}`), summary, record);
  if (machine.json) process.stdout.write(`${JSON.stringify(record)}\n`);
  else {
    for (const { tables = [] } of sections)
      for (const table of tables) process.stdout.write(`${textTable(table)}\n\n\n`);
    for (const file of files) process.stdout.write(`${file}\n`);
  }
  for (const warning of shortfallWarnings(study.jobs, results.of)) process.stderr.write(`${warning}\n`);
  return reportFailures(outcome);
}

/** Jobs without a result, and why. */
const failuresOf = ({ failed, blocked }: StudyOutcome) => [
  ...failed.map(({ job, error }) => {
    const { code, message } = errorMessage(error);
    return { id: jobId(job), title: job.title, code, message };
  }),
  ...blocked.map((job) => ({ id: jobId(job), title: job.title, code: "not_started", message: notStarted })),
];

const notStarted = "it needs a job that failed";

/**
 * Says on stderr what failed and what was left out for it.
 *
 * @returns exit code: 0, or that of the failures if they agree, else 1
 */
export function reportFailures({ failed, blocked, done }: StudyOutcome): number {
  if (failed.length === 0) return 0;
  for (const { job, error } of failed) {
    const { code, message } = errorMessage(error);
    process.stderr.write(`failed ${job.title}: ${code}: ${message}\n`);
  }
  for (const job of blocked) process.stderr.write(`not started ${job.title}: ${notStarted}\n`);
  const total = done.length + failed.length + blocked.length;
  process.stderr.write(`${done.length} of ${total} jobs are done and kept; the same command runs the others again\n`);
  const codes = new Set(failed.map(({ error }) => exitCodeOf(error)));
  return codes.size === 1 ? [...codes][0] : 1;
}

/** The results of jobs and of all that they need. */
export async function readResults(jobs: readonly Job[], store: RunStore): Promise<Results> {
  const results = new Map<string, unknown>();
  for (const job of allJobs(jobs)) results.set(jobId(job), await store.read(job));
  return {
    of: <Result>(job: Job) => (results.get(jobId(job)) ?? null) as Result | null,
    folder: (job) => store.folder(job),
  };
}
