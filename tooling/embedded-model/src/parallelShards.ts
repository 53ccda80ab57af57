import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { type AnyFamily, localShards, type ShardGradient, type ShardRunner, type WeightArrays } from "@sae/models";

/** Where each array stands in a shared buffer, in elements. */
export type SharedLayout = Readonly<Record<string, readonly [start: number, length: number]>>;

/** What a worker begins with. */
export interface ShardWorkerData {
  readonly familyName: string;
  readonly config: unknown;
  readonly rows: number;
  readonly nCtx: number;
  readonly layout: SharedLayout;
  readonly weights: SharedArrayBuffer;
  readonly gradient: SharedArrayBuffer;
}

/** Copies arrays to their places. */
export function toShared(arrays: WeightArrays, buffer: SharedArrayBuffer, layout: SharedLayout): void {
  const all = new Float32Array(buffer);
  for (const [name, [start]] of Object.entries(layout)) all.set(arrays[name] as Float32Array, start);
}

/** Copies of the arrays: onnxruntime takes no memory that is shared between threads. */
export function fromShared(buffer: SharedArrayBuffer, layout: SharedLayout): WeightArrays {
  const all = new Float32Array(buffer);
  return Object.fromEntries(
    Object.entries(layout).map(([name, [start, length]]) => [
      name,
      new Float32Array(all.subarray(start, start + length)),
    ]),
  );
}

/**
 * Computes the shards of a step at once: the first in this thread, each other in a worker of its own. Every thread runs the same program with one
 * onnxruntime thread, so that the result has the bits of {@link localShards}.
 */
export async function parallelShards(
  spec: { readonly family: AnyFamily; readonly config: unknown; readonly rows: number; readonly nCtx: number },
  shards: number,
): Promise<ShardRunner> {
  const { family, config, rows, nCtx } = spec;
  let length = 0;
  const layout: SharedLayout = Object.fromEntries(
    Object.entries(family.weights(config)).map(([name, shape]) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      length += size;
      return [name, [length - size, size] as const];
    }),
  );
  const weights = new SharedArrayBuffer(4 * length);
  const local = await localShards(spec);
  const workers = Array.from({ length: shards - 1 }, () => {
    const gradient = new SharedArrayBuffer(4 * length);
    const data: ShardWorkerData = { familyName: family.name, config, rows, nCtx, layout, weights, gradient };
    const worker = new Worker(new URL("./shardThread.js", import.meta.url), {
      workerData: data,
      execArgv: ["--conditions=@sae/source"], // the sources of the packages, as in this process
    });
    return { worker, gradient };
  });
  return {
    async run(current, [first, ...others]) {
      if (!first) return [];
      toShared(current, weights, layout);
      const pending = others.map(async (tokens, i): Promise<ShardGradient> => {
        const { worker, gradient } = workers[i] as (typeof workers)[number];
        const answer = once(worker, "message"); // rejects when the worker fails
        worker.postMessage(tokens);
        const [loss] = (await answer) as [number];
        return { loss, gradient: fromShared(gradient, layout) };
      });
      const [own, ...rest] = await Promise.all([local.run(current, [first]), ...pending]);
      return [...own, ...rest];
    },
    async dispose() {
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
      await local.dispose();
    },
  };
}
