import type { StudyEvents } from "../jobs/executor.js";
import { allJobs, type Job, type JobProgress, jobId } from "../jobs/job.js";
import { duration } from "./duration.js";

/** Where a study stands: what a display shows. */
export interface StudyState {
  readonly running: readonly { readonly job: Job; readonly progress: JobProgress }[];
  readonly total: number;
  readonly done: number;
  /** Done before the program was started. */
  readonly skipped: number;
  readonly failed: number;
  /** Until all jobs are done, at the pace so far; null while that is unknown. */
  readonly msLeft: number | null;
}

/** Optimiser steps × activations × latents: in proportion to the time that a job takes. */
function workOf({ config }: Job): number {
  const { recipe } = config as { recipe?: { steps: number; batch: number; dSae: number } };
  // Start, evaluation and matching cost about as much as some dozens of steps.
  return recipe ? (recipe.steps + 30) * recipe.batch * recipe.dSae : 1e7;
}

/** Keeps count of a study's jobs and says how long the rest will take. */
export function trackStudy(jobs: readonly Job[], now: () => number = () => performance.now()) {
  const all = allJobs(jobs);
  const running = new Map<string, { job: Job; progress: JobProgress }>();
  const startedAt = now();
  let [skipped, finished, failed, work] = [0, 0, 0, 0];
  let waiting = all.reduce((total, job) => total + workOf(job), 0);
  /** @param share of the job's work that was done when it ended */
  const end = (job: Job, share: number) => {
    running.delete(jobId(job));
    waiting -= workOf(job);
    work += share * workOf(job);
  };
  const events: Required<StudyEvents> = {
    skipped: (done) => {
      skipped = done.length;
      for (const job of done) waiting -= workOf(job);
    },
    started: (job) => void running.set(jobId(job), { job, progress: { done: 0, text: "starting" } }),
    progress: (job, progress) => void running.set(jobId(job), { job, progress }),
    finished: (job) => {
      finished++;
      end(job, 1);
    },
    failed: (job) => {
      failed++;
      end(job, running.get(jobId(job))?.progress.done ?? 0);
    },
  };
  const state = (): StudyState => {
    const begun = [...running.values()].reduce((total, { job, progress }) => total + workOf(job) * progress.done, 0);
    const made = work + begun;
    const elapsed = now() - startedAt;
    const msLeft = made > 0 && elapsed > 3000 ? (elapsed * (waiting - begun)) / made : null;
    return { running: [...running.values()], total: all.length, done: skipped + finished, skipped, failed, msLeft };
  };
  return { events, state };
}

/** One line for a running job. */
export function jobLine({ job, progress }: StudyState["running"][number], titleWidth = 0): string {
  const share = `${Math.floor(100 * progress.done)}`.padStart(3);
  const left = progress.msLeft === undefined || progress.done >= 1 ? "" : `  ${duration(progress.msLeft)} left`;
  return `${job.title.padEnd(titleWidth)}  ${share} %  ${progress.text}${left}`;
}

/** The last line: the whole study. */
export function studyLine({ total, done, skipped, failed, running, msLeft }: StudyState): string {
  const parts = [
    `${done} of ${total} jobs done${skipped > 0 ? ` (${skipped} before)` : ""}`,
    `${running.length} running`,
    failed > 0 ? `${failed} failed` : "",
    msLeft === null ? "" : `about ${duration(msLeft)} left`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
