import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SaeError } from "@sae/core";
import type { ErrorMessage } from "../errors.js";
import type { Executor } from "./executor.js";
import { type Job, type JobContext, type JobProgress, jobId } from "./job.js";
import type { RunStore } from "./runStore.js";

export interface WorkerRequest {
  readonly kind: string;
  readonly config: unknown;
  readonly context: Omit<JobContext, "report">;
}

export type WorkerReply =
  | { readonly type: "progress"; readonly progress: JobProgress }
  | { readonly type: "done"; readonly result: string }
  | ({ readonly type: "failed" } & ErrorMessage);

/** The built worker program; from the sources (in tests) it is the one in dist. */
const workerFile = fileURLToPath(
  import.meta.url.endsWith(".ts")
    ? new URL("../../dist/worker.js", import.meta.url)
    : new URL("./worker.js", import.meta.url),
);

/** Runs every job in a process of its own on this machine, `workers` at a time. */
export function localExecutor(workers: number): Executor {
  return { slots: workers, run: runInProcess };
}

async function runInProcess(
  job: Job,
  store: RunStore,
  report: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const folder = await store.prepare(job);
  const request: WorkerRequest = {
    kind: job.kind,
    config: job.config,
    context: { folder, needs: job.needs.map((need) => store.folder(need)), local: job.local },
  };
  const result = await new Promise<string>((resolve, reject) => {
    const child = fork(workerFile, { stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "json" });
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
      if (reply?.type === "done") resolve(reply.result);
      else if (reply?.type === "failed")
        reject(Object.assign(new SaeError(reply.code, reply.message), { stack: reply.stack }));
      else
        reject(
          new SaeError(
            "worker_died",
            `${job.title} (${jobId(job)}): its process ended with ${killed ?? `code ${code}`} before the result; the same command continues from its last checkpoint`,
          ),
        );
    });
    child.send(request);
  });
  await store.write(job, JSON.parse(result));
}
