import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { compile, float32, neg } from "@sae/core";
import { errorMessage } from "./errors.js";
import { lockFolder } from "./jobs/folderLock.js";
import { loadJobKind } from "./jobs/kinds.js";
import type { JobUsage, WorkerReply, WorkerRequest } from "./jobs/localExecutor.js";
import { readResult, writeResult } from "./jobs/runStore.js";
import { addLocalDefinitions } from "./userFiles/definitionFiles.js";

/*
 * Child process of the local executor: runs one job after the other and leaves each one's result in the job's folder. It ends when a job fails or has left
 * much memory, and when its parent does.
 */

/** Resident bytes after a job, above which the memory is given back by ending. A process that has run small jobs holds about 300 MB. */
const mostKept = 600e6;

const send = (reply: WorkerReply): void => {
  process.send?.(reply);
};

process.on("disconnect", () => process.exit(1));
// Ctrl-C reaches every process of the terminal; what happens then is the parent's to decide.
process.on("SIGINT", () => {});
process.on("message", async (request: WorkerRequest) => {
  try {
    await run(request);
    const ends = request.isLast || process.memoryUsage.rss() > mostKept;
    send({ type: "done", usage: usage(), ends });
    if (!ends) return;
  } catch (error) {
    send({ type: "failed", ...errorMessage(error) });
  }
  process.disconnect();
});

/** From the first program on JavaScript's own subnormal numbers are zeros (ARCHITECTURE.md): so that no job depends on what ran before it, before the first. */
const mode = compile({ x: float32(1) }, ({ x }) => ({ y: neg(x) })).then((program) => program.dispose());

async function run({ kind: name, config, context }: WorkerRequest): Promise<void> {
  await mode;
  const kind = await loadJobKind(name);
  await addLocalDefinitions(context.local);
  const { folder } = context;
  const release = await lockFolder(folder, (holder) => {
    const text = `waiting for ${holder}, which works in ${folder} (if it does not, delete ${join(folder, "lock")})`;
    send({ type: "progress", progress: { done: 0, text } });
  });
  try {
    // Whoever held the folder before may have done the job.
    if ((await readResult(folder)) !== null) return;
    await removeTemporaries(folder);
    const result = await kind.run(kind.config.parse(config), {
      ...context,
      report: (progress) => send({ type: "progress", progress }),
    });
    await writeResult(folder, result);
  } finally {
    await release();
  }
}

function usage(): JobUsage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { ms: performance.now(), cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: 1024 * maxRSS };
}

/** What a process that was killed while writing has left. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\..*\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
  }
}
