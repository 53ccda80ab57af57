import { SaeError } from "@sae/core";
import type { Job, JobProgress } from "./job.js";
import { allJobs, jobId, neededJobs } from "./job.js";
import type { RunStore } from "./runStore.js";

/**
 * Decides where a job runs, nothing else. A cluster scheduler on a shared file system implements the same two members.
 */
export interface Executor {
  /** Jobs that may run at once. */
  readonly slots: number;
  /** Runs one job and leaves its result in the store; stops it, and rejects, when the signal is given. */
  run(job: Job, store: RunStore, report: (progress: JobProgress) => void, signal: AbortSignal): Promise<void>;
}

/** What happens on the way, for a display. */
export interface StudyEvents {
  /** Jobs of the study that were done before. */
  skipped?(jobs: readonly Job[]): void;
  started?(job: Job): void;
  progress?(job: Job, progress: JobProgress): void;
  finished?(job: Job): void;
  failed?(job: Job, error: unknown): void;
}

/** What became of the jobs. */
export interface StudyOutcome {
  readonly done: readonly Job[];
  readonly failed: readonly { readonly job: Job; readonly error: unknown }[];
  /** Not started, because something that they need failed, or because the study was stopped. */
  readonly blocked: readonly Job[];
}

/**
 * Runs the jobs and all that they need, each when its needs are done; what is done already is not run again. A job that fails
 * does not stop the others.
 *
 * @param signal stops the running jobs and starts no more
 * @throws SaeError `other_run`, `corrupt_result` when a folder cannot be used, before anything has started
 */
export async function runJobs(
  jobs: readonly Job[],
  store: RunStore,
  executor: Executor,
  events: StudyEvents = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<StudyOutcome> {
  const all = allJobs(jobs);
  const done = new Set<string>();
  for (const job of all) if ((await store.read(job)) !== null) done.add(jobId(job));
  events.skipped?.(all.filter((job) => done.has(jobId(job))));
  const waiting = all.filter((job) => !done.has(jobId(job)));
  const failed: { job: Job; error: unknown }[] = [];
  const stopped: Job[] = [];
  const isReady = (job: Job) => neededJobs(job).every((need) => done.has(jobId(need)));
  const runNext = async (): Promise<void> => {
    while (!signal.aborted) {
      const at = waiting.findIndex(isReady);
      if (at < 0) return;
      const [job] = waiting.splice(at, 1);
      events.started?.(job);
      try {
        await executor.run(job, store, (progress) => events.progress?.(job, progress), signal);
        done.add(jobId(job));
        events.finished?.(job);
      } catch (error) {
        if (signal.aborted) stopped.push(job);
        else {
          failed.push({ job, error });
          events.failed?.(job, error);
        }
      }
      // What this job was needed for may be ready now: another slot may be idle.
      wake();
    }
  };
  const running = new Set<Promise<void>>();
  const wake = (): void => {
    while (!signal.aborted && running.size < executor.slots && waiting.some(isReady)) {
      const slot: Promise<void> = runNext().finally(() => running.delete(slot));
      running.add(slot);
    }
  };
  wake();
  while (running.size > 0) await Promise.race(running);
  return { done: all.filter((job) => done.has(jobId(job))), failed, blocked: [...stopped, ...waiting] };
}

/** The error of an executor whose job was stopped by the signal. */
export const interrupted = (job: Job): SaeError => new SaeError("interrupted", `${job.title}: stopped`);
