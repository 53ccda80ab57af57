/*
 * A thread that computes one shard of every step. The weights come and the gradient goes through memory that both threads see; messages only
 * say that they are there.
 */
import { parentPort, workerData } from "node:worker_threads";
import { SaeError } from "@sae/core";
import { families, localShards } from "@sae/models";
import { fromShared, type ShardWorkerData, toShared } from "./parallelShards.js";

const { familyName, config, rows, nCtx, layout, weights, gradient } = workerData as ShardWorkerData;
const family = families.find(({ name }) => name === familyName);
if (!family) throw new SaeError("unknown_family", `shard worker: needed a family of @sae/models, got '${familyName}'`);
const runner = await localShards({ family, config, rows, nCtx });
parentPort?.on("message", async (tokens: Int32Array) => {
  const [part] = await runner.run(fromShared(weights, layout), [tokens]);
  if (!part) return;
  toShared(part.gradient, gradient, layout);
  parentPort?.postMessage(part.loss);
});
