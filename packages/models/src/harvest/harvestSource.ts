import { fold, type Key, key, keyedPermutation, SaeError } from "@sae/core";
import { lastAtMost } from "./lastAtMost.js";
import type { Harvest } from "./openHarvest.js";

/** Batches of activations for training and evaluation: the `ActivationSource` of @sae/autoencoders. */
export interface BatchSource {
  readonly dModel: number;
  /** What identifies the data. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Fills `out` [batch, dModel] with the activations of a step. The same step always gives the same batch. */
  trainBatch(step: number, out: Float32Array): Promise<void>;
  /** Fills `out` [batch, dModel] with held-out activations, for indices below `heldOutBatches(batch)`. */
  heldOutBatch(index: number, out: Float32Array): Promise<void>;
  /** Number of whole held-out batches of this size. */
  heldOutBatches(batch: number): number;
}

/** Which contexts are kept for evaluation. */
export interface HarvestSourceOptions {
  /** Names the order of the rows and the choice of contexts. Default 0. */
  readonly seed?: number;
  /** Share of the contexts that are kept for calibration and evaluation. Default 0.05. */
  readonly heldOut?: number;
}

/**
 * Batches of a harvest, in a new order for each pass over the rows, like those of `fileSource` of @sae/autoencoders but for what is held out: here
 * whole contexts, so that no row that training sees has a neighbour in the evaluation.
 *
 * @throws SaeError `bad_option`; while batches are read `too_few_rows`
 */
export async function harvestSource(harvest: Harvest, options: HarvestSourceOptions = {}): Promise<BatchSource> {
  const { seed = 0, heldOut = 0.05 } = options;
  const { activations, manifest, folder } = harvest;
  const { dModel, rows, dtype } = manifest;
  if (!(heldOut >= 0 && heldOut < 1)) {
    throw new SaeError("bad_option", `harvestSource: needed heldOut from 0 to less than 1, got ${heldOut}`);
  }
  const root = fold(key(seed), "data");
  const first = await harvest.contextRows(); // [contexts + 1]
  const contexts = first.length - 1;
  const heldOutContexts = Math.floor(contexts * heldOut);
  const order = keyedPermutation(fold(root, "split"), contexts);
  const numbers = Uint32Array.from({ length: contexts }, (_, i) => order(i));
  const heldOutRows = rowList(first, numbers.subarray(0, heldOutContexts).sort());
  const trainRows = rowList(first, numbers.subarray(heldOutContexts).sort());
  const epochs = shuffledEpochs(root, trainRows.count);
  const place = keyedPermutation(fold(root, "held out"), heldOutRows.count);
  const read = (out: Float32Array, rowOf: (i: number) => number): Promise<void> =>
    activations.readRows(
      Array.from({ length: out.length / dModel }, (_, i) => rowOf(i)),
      out,
    );
  return {
    dModel,
    identity: { kind: "harvest", sha256: await activations.hash(), rows, dModel, dtype, seed, heldOut },
    trainBatch: async (step, out) => {
      const batch = out.length / dModel;
      if (trainRows.count < batch) {
        throw new SaeError(
          "too_few_rows",
          `${folder}: needed at least one batch of ${batch} rows for training, got ${trainRows.count} (${heldOutRows.count} held out); use a smaller batch`,
        );
      }
      await read(out, (i) => trainRows.row(epochs(step * batch + i)));
    },
    heldOutBatch: async (index, out) => {
      const batch = out.length / dModel;
      if ((index + 1) * batch > heldOutRows.count) {
        throw new SaeError(
          "too_few_rows",
          `${folder}: needed ${(index + 1) * batch} rows for ${index + 1} held-out batches of ${batch}, got ${heldOutRows.count} (${heldOutContexts} of ${contexts} contexts are held out); use smaller batches or hold out more`,
        );
      }
      await read(out, (i) => heldOutRows.row(place(index * batch + i)));
    },
    heldOutBatches: (batch) => Math.floor(heldOutRows.count / batch),
  };
}

/** The rows of contexts, one after the other. */
function rowList(first: Float64Array, contexts: Uint32Array): { count: number; row: (i: number) => number } {
  const starts = new Float64Array(contexts.length); // rows of the contexts before this one
  let count = 0;
  for (const [i, number] of contexts.entries()) {
    starts[i] = count;
    count += first[number + 1] - first[number];
  }
  const row = (i: number): number => {
    const at = lastAtMost(starts, i); // of contexts without rows and the one after them, the one after
    return first[contexts[at]] + i - starts[at];
  };
  return { count, row };
}

/** Position in an endless shuffled stream → element: a new permutation for every pass. */
function shuffledEpochs(root: Key, count: number): (position: number) => number {
  let epoch = -1;
  let permute: (i: number) => number = (i) => i;
  return (position) => {
    const wanted = Math.floor(position / count);
    if (wanted !== epoch) {
      epoch = wanted;
      permute = keyedPermutation(fold(root, "epoch", epoch), count);
    }
    return permute(position % count);
  };
}
