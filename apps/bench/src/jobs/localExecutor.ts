import { fork } from "node:child_process";
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
  | { readonly type: "done"; readonly usage: JobUsage }
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

/**
 * Runs every job in a process of its own on this machine, `workers` at a time.
 *
 * @param onUsage told what each job took when it is done
 */
export function localExecutor(workers: number, onUsage?: (job: Job, usage: JobUsage) => void): Executor {
  return {
    slots: workers,
    run: async (job, store, report, signal) => {
      const usage = await runInProcess(job, store, report, signal);
      onUsage?.(job, usage);
    },
  };
}

async function runInProcess(
  job: Job,
  store: RunStore,
  report: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<JobUsage> {
  const folder = await store.prepare(job);
  const request: WorkerRequest = {
    kind: job.kind,
    config: job.config,
    context: { folder, needs: foldersOf(job, store), local: job.local },
  };
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(interrupted(job));
    const child = fork(workerFile, {
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "json",
      env: memoryEnvironment(),
    });
    let reply: WorkerReply | null = null;
    const stop = () => child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    child.on("message", (message: WorkerReply) => {
      if (message.type === "progress") report(message.progress);
      else reply = message;
    });
    child.on("error", reject);
    child.on("exit", (code, killed) => {
      signal.removeEventListener("abort", stop);
      if (reply?.type === "done") resolve(reply.usage);
      else if (reply?.type === "failed")
        reject(Object.assign(new SaeError(reply.code, reply.message), { stack: reply.stack }));
      else if (signal.aborted) reject(interrupted(job));
      else {
        const end = killed ?? `code ${code}`;
        reject(
          new SaeError(
            "worker_died",
            `${job.title} (${jobId(job)}): its process ended with ${end} before the result${killed === "SIGKILL" ? ", killed from outside, perhaps for want of memory (try fewer --workers)" : ""}; the same command continues from its last checkpoint`,
          ),
        );
      }
    });
    child.send(request);
  });
}
