import { SaeError } from "@sae/core";
import { runJobs, type StudyOutcome } from "../jobs/executor.js";
import { allJobs, type Job } from "../jobs/job.js";
import { localExecutor } from "../jobs/localExecutor.js";
import type { RunStore } from "../jobs/runStore.js";
import type { Machine } from "../options/machineOptions.js";
import { openDisplay } from "../progress/display.js";

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs jobs on this machine and shows how it goes. On Ctrl-C or SIGTERM the workers are killed.
 *
 * @throws SaeError `interrupted`, those of `runJobs`
 */
export async function runHere(jobs: readonly Job[], store: RunStore, machine: Machine): Promise<StudyOutcome> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const display = openDisplay(jobs, process.stderr, machine.quiet);
  for (const signal of signals) process.once(signal, onSignal);
  try {
    const executor = localExecutor(machine.workersFor(allJobs(jobs).length));
    const outcome = await runJobs(jobs, store, executor, display.events, stop.signal);
    if (!stop.signal.aborted) return outcome;
    const { done, blocked } = outcome;
    throw new SaeError(
      "interrupted",
      `stopped: ${done.length} jobs are done and kept, ${blocked.length} are not; give the same command again to continue from the last checkpoints`,
    );
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    display.close();
  }
}
