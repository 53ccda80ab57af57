import { devices, secondsOn } from "../costs/device.js";
import type { StudyEvents } from "../jobs/executor.js";
import { allJobs, type Job, type JobProgress, jobId } from "../jobs/job.js";
import { duration } from "./duration.js";
import { type MeasuredWork, timeLeft, type Work } from "./timeLeft.js";

/** Where a study stands: what a display shows. */
export interface StudyState {
  readonly running: readonly { readonly job: Job; readonly progress: JobProgress }[];
  readonly total: number;
  readonly done: number;
  /** Done before the program was started. */
  readonly skipped: number;
  readonly failed: number;
  /** Until all jobs are done, at the pace of each kind so far; null while that is unknown. */
  readonly msLeft: number | null;
}

/** What a job takes by its cost, on a machine that stands for all: only proportions count. */
function workOf(job: Job): Work {
  const cost = job.cost?.() ?? null;
  return { kind: job.kind, seconds: cost && secondsOn(devices[0], cost) };
}

/** A job while it runs. */
interface Running {
  readonly job: Job;
  readonly progress: JobProgress;
  readonly startedAt: number;
}

/** Keeps count of a study's jobs and says how long the rest will take. */
export function trackStudy(jobs: readonly Job[], now: () => number = () => performance.now()) {
  const all = allJobs(jobs);
  const works = new Map(all.map((job) => [jobId(job), workOf(job)]));
  const work = (job: Job) => works.get(jobId(job)) as Work;
  const waiting = new Set(works.keys());
  const running = new Map<string, Running>();
  const ended: MeasuredWork[] = [];
  const startedAt = now();
  let [skipped, finished, failed, width] = [0, 0, 0, 0];
  const measured = ({ job, progress, startedAt: from }: Running, share: number = progress.done): MeasuredWork => ({
    ...work(job),
    share,
    ms: now() - from,
  });
  /** @param share of the job's work that was done when it ended; what its progress said when left out */
  const end = (job: Job, share?: number) => {
    const was = running.get(jobId(job));
    if (was) ended.push(measured(was, share));
    running.delete(jobId(job));
    waiting.delete(jobId(job));
  };
  const events: Required<StudyEvents> = {
    skipped: (done) => {
      skipped = done.length;
      for (const job of done) waiting.delete(jobId(job));
    },
    started: (job) => {
      waiting.delete(jobId(job));
      running.set(jobId(job), { job, progress: { done: 0, text: "starting" }, startedAt: now() });
      width = Math.max(width, running.size);
    },
    progress: (job, progress) => {
      const { startedAt: from = now() } = running.get(jobId(job)) ?? {};
      running.set(jobId(job), { job, progress, startedAt: from });
    },
    finished: (job) => {
      finished++;
      end(job, 1);
    },
    failed: (job) => {
      failed++;
      end(job);
    },
  };
  const state = (): StudyState => {
    const current = [...running.values()];
    const left = [
      ...[...waiting].map((id) => ({ ...(works.get(id) as Work), share: 1 })),
      ...current.map(({ job, progress }) => ({ ...work(job), share: 1 - progress.done })),
    ];
    const done = [...ended, ...current.map((item) => measured(item))];
    const msLeft = now() - startedAt > 3000 ? timeLeft(done, left, Math.min(width, left.length)) : null;
    return { running: current, total: all.length, done: skipped + finished, skipped, failed, msLeft };
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
