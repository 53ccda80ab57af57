import { errorMessage } from "./errors.js";
import { jobKinds } from "./jobs/kinds.js";
import type { WorkerReply, WorkerRequest } from "./jobs/localExecutor.js";

/*
 * Child process of the local executor: runs one job and ends. It ends, too, when its parent does.
 */
const send = (reply: WorkerReply): void => {
  process.send?.(reply);
};

process.on("disconnect", () => process.exit(1));
process.once("message", async (request: WorkerRequest) => {
  try {
    const kind = jobKinds.find(({ kind: name }) => name === request.kind);
    if (!kind) throw new Error(`worker: no kind of job is called '${request.kind}'`);
    const result = await kind.run(kind.config.parse(request.config), {
      ...request.context,
      report: (progress) => send({ type: "progress", progress }),
    });
    send({ type: "done", result: JSON.stringify(result) });
  } catch (error) {
    send({ type: "failed", ...errorMessage(error) });
  }
  process.disconnect();
});
