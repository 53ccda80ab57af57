import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SaeError } from "@sae/core";
import type { ErrorMessage } from "../errors.js";
import { type Executor, interrupted } from "./executor.js";
import { type Job, type JobContext, type JobProgress, jobId } from "./job.js";
import { memoryEnvironment } from "./memoryEnvironment.js";
import type { RunStore } from "./runStore.js";

/** What the worker process is asked to do. */
export interface WorkerRequest {
  readonly kind: string;
  readonly config: unknown;
  readonly context: Omit<JobContext, "report">;
  /** Whether the process ends after this job, whatever memory it holds. */
  readonly isLast: boolean;
}

/** What the process of a job took from its start to its result. */
export interface JobUsage {
  readonly ms: number;
  /** Processor time, of all threads. */
  readonly cpuMs: number;
  /** Largest resident set. */
  readonly peakBytes: number;
}

/** What it says; the result itself it leaves in the folder. */
export type WorkerReply =
  | { readonly type: "progress"; readonly progress: JobProgress }
  | { readonly type: "done"; readonly usage: JobUsage; readonly ends: boolean }
  | ({ readonly type: "failed" } & ErrorMessage);

/** The built worker program; from the sources (in tests) it is the one in dist. */
const workerFile = fileURLToPath(
  import.meta.url.endsWith(".ts")
    ? new URL("../../dist/worker.js", import.meta.url)
    : new URL("./worker.js", import.meta.url),
);

/** Folders of what a job needs. */
const foldersOf = ({ needs }: Job, store: RunStore): Record<string, string> =>
  Object.fromEntries(Object.entries(needs).map(([part, need]) => [part, store.folder(need)]));

/** What the message about a killed process adds. */
const killedHint = ", killed from outside, perhaps for want of memory (try fewer --workers)";

/**
 * Runs jobs in other processes on this machine, `workers` at a time. Starting one takes about a second, most of a small job: a process whose job went well and
 * left little memory behind takes the next one.
 *
 * @param onUsage told what each job took when it is done; every job then has a process of its own
 */
export function localExecutor(workers: number, onUsage?: (job: Job, usage: JobUsage) => void): Executor {
  const idle = new Set<ChildProcess>();
  const taken = (): ChildProcess => {
    const [first] = idle;
    if (first === undefined) {
      const started = startWorker();
      return started.once("exit", () => idle.delete(started));
    }
    idle.delete(first);
    return first;
  };
  return {
    slots: workers,
    run: async (job, store, report, signal) => {
      const folder = await store.prepare(job);
      if (signal.aborted) throw interrupted(job);
      const worker = taken();
      worker.ref();
      worker.channel?.ref();
      const request: WorkerRequest = {
        kind: job.kind,
        config: job.config,
        context: { folder, needs: foldersOf(job, store), local: job.local },
        isLast: onUsage !== undefined,
      };
      const { usage, ends } = await runIn(worker, job, request, report, signal);
      if (!ends) {
        // An idle process does not keep this one; it ends when its parent does.
        worker.unref();
        worker.channel?.unref();
        idle.add(worker);
      }
      onUsage?.(job, usage);
    },
  };
}

const startWorker = (): ChildProcess =>
  fork(workerFile, { stdio: ["ignore", 2, 2, "ipc"], serialization: "json", env: memoryEnvironment() });

/** Gives a process a job; settled when the process can take another, or has ended. */
function runIn(
  worker: ChildProcess,
  job: Job,
  request: WorkerRequest,
  report: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<Extract<WorkerReply, { type: "done" }>> {
  return new Promise((resolve, reject) => {
    let reply: WorkerReply | null = null;
    const stop = () => worker.kill("SIGKILL");
    const hear = (message: WorkerReply) => {
      if (message.type === "progress") report(message.progress);
      else reply = message;
      if (message.type === "done" && !message.ends) {
        leave();
        resolve(message);
      }
    };
    const fail = (error: Error) => {
      leave();
      reject(error);
    };
    const end = (code: number | null, killed: NodeJS.Signals | null) => {
      if (reply?.type === "done") {
        leave();
        resolve(reply);
      } else if (reply?.type === "failed") {
        fail(Object.assign(new SaeError(reply.code, reply.message), { stack: reply.stack }));
      } else if (signal.aborted) {
        fail(interrupted(job));
      } else {
        const how = `its process ended with ${killed ?? `code ${code}`} before the result`;
        fail(
          new SaeError(
            "worker_died",
            `${job.title} (${jobId(job)}): ${how}${killed === "SIGKILL" ? killedHint : ""}; the same command continues from its last checkpoint`,
          ),
        );
      }
    };
    const leave = () => {
      signal.removeEventListener("abort", stop);
      worker.off("message", hear).off("error", fail).off("exit", end);
    };
    signal.addEventListener("abort", stop, { once: true });
    worker.on("message", hear).on("error", fail).on("exit", end);
    worker.send(request);
  });
}
