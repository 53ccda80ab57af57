import { type ActivationFile, fold, type Key, key, keyedPermutation, SaeError } from "@sae/core";

/** Where activations come from: batches for training, numbered by step, and batches that training never sees. */
export interface ActivationSource {
  readonly dModel: number;
  /** What identifies the data, written to run.json: kind, path or parameters, hash. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Fills `out` [batch, dModel] with the activations of a step. The same step always gives the same batch. */
  trainBatch(step: number, out: Float32Array): Promise<void> | void;
  /** Fills `out` [batch, dModel] with held-out activations, for indices below `heldOutBatches(batch)`. */
  heldOutBatch(index: number, out: Float32Array): Promise<void> | void;
  /** Number of whole held-out batches of this size; Infinity when they are generated. */
  heldOutBatches(batch: number): number;
}

/** In which order rows are used, and which are kept for evaluation. */
export interface FileSourceOptions {
  /**
   * `shuffled`: a keyed permutation of the rows, another one for each pass. `sequential`: consecutive batches, from the start again after
   * ⌊rows / batch⌋ of them.
   */
  readonly order?: "shuffled" | "sequential";
  /** Names the permutation: the same seed gives the same order to every variant and baseline. */
  readonly seed?: number;
  /** Share of the rows kept for calibration and evaluation; 0.05 when shuffled, 0 when sequential. Where that is no row, evaluation is on training rows. */
  readonly heldOut?: number;
}

/** Activations of a file (see `openActivations`) or of an array (see `arrayActivations`). */
export async function fileSource(file: ActivationFile, options: FileSourceOptions = {}): Promise<ActivationSource> {
  const { order = "shuffled", seed = 0, heldOut = order === "shuffled" ? 0.05 : 0 } = options;
  const { rows, dModel } = file;
  if (rows === 0)
    throw new SaeError(
      "no_rows",
      `${file.path}: needed at least one row of activations, got none; name a file that has some`,
    );
  const root = fold(key(seed), "data");
  const heldOutRows = Math.floor(rows * heldOut);
  const trainRows = rows - heldOutRows;
  const place = heldOutRows > 0 ? keyedPermutation(fold(root, "split"), rows) : (i: number) => i;
  const epochOrder = epochs(root, trainRows);
  const check = (batch: number): void => {
    if (trainRows < batch)
      throw new SaeError(
        "too_few_rows",
        `${file.path}: needed at least one batch of ${batch} rows for training, got ${trainRows} (${heldOutRows} held out); use a smaller --batch`,
      );
  };
  return {
    dModel,
    identity: { kind: "file", sha256: await file.hash(), rows, dModel, dtype: file.dtype, order, seed, heldOut },
    trainBatch: (step, out) => {
      const batch = out.length / dModel;
      check(batch);
      if (order === "sequential" && heldOutRows === 0) {
        return file.readRange((step % Math.floor(trainRows / batch)) * batch, batch, out);
      }
      const first = order === "sequential" ? (step % Math.floor(trainRows / batch)) * batch : step * batch;
      const at = (i: number) => (order === "sequential" ? first + i : epochOrder(first + i));
      return file.readRows(
        Array.from({ length: batch }, (_, i) => place(heldOutRows + at(i))),
        out,
      );
    },
    heldOutBatch: (index, out) => {
      const batch = out.length / dModel;
      const there = heldOutRows || rows;
      if ((index + 1) * batch > there)
        throw new SaeError(
          "too_few_rows",
          `${file.path}: needed ${(index + 1) * batch} rows for ${index + 1} held-out batches of ${batch}, got ${there}; use smaller batches or hold out more`,
        );
      if (heldOutRows === 0) return file.readRange(index * batch, batch, out);
      return file.readRows(
        Array.from({ length: batch }, (_, i) => place(index * batch + i)),
        out,
      );
    },
    heldOutBatches: (batch) => Math.floor((heldOutRows || rows) / batch),
  };
}

/** Position in an endless shuffled stream → row: a new permutation for every pass over the rows. */
function epochs(root: Key, rows: number): (position: number) => number {
  let epoch = -1;
  let permute: (i: number) => number = (i) => i;
  return (position) => {
    const wanted = Math.floor(position / rows);
    if (wanted !== epoch) {
      epoch = wanted;
      permute = keyedPermutation(fold(root, "epoch", epoch), rows);
    }
    return permute(position % rows);
  };
}

/** An in-memory matrix [rows, dModel] with the interface of an activation file. */
export function arrayActivations(data: Float32Array, dModel: number): ActivationFile {
  if (dModel < 1 || data.length % dModel !== 0) {
    throw new SaeError(
      "shape_mismatch",
      `arrayActivations: needed a multiple of dModel = ${dModel} elements, got ${data.length}; pass whole rows`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new SaeError(
      "non_finite",
      `arrayActivations: row ${Math.floor(bad / dModel)}: needed finite numbers, got ${data[bad]}; mend or leave out such rows`,
    );
  const readRange = async (start: number, count: number, out: Float32Array) => {
    out.set(data.subarray(start * dModel, (start + count) * dModel));
  };
  return {
    path: "array",
    rows: data.length / dModel,
    dModel,
    dtype: "float32",
    inMemory: true,
    readRange,
    readRows: async (indices, out) => {
      for (let i = 0; i < indices.length; i++)
        out.set(data.subarray(indices[i] * dModel, (indices[i] + 1) * dModel), i * dModel);
    },
    hash: async () => {
      const { createHash } = await import("node:crypto");
      return createHash("sha256")
        .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
        .digest("hex");
    },
    close: async () => {},
  };
}

/** Batches made on the fly: `batch(index, size, out)` must depend on nothing else. Held-out batches are those of another stream. */
export function generatorSource(
  model: { readonly dModel: number; batch(index: number, batchSize: number, out: Float32Array): unknown },
  heldOutModel: { batch(index: number, batchSize: number, out: Float32Array): unknown },
  identity: Readonly<Record<string, unknown>>,
): ActivationSource {
  const { dModel } = model;
  return {
    dModel,
    identity: { kind: "generator", ...identity },
    trainBatch: (step, out) => {
      model.batch(step, out.length / dModel, out);
    },
    heldOutBatch: (index, out) => {
      heldOutModel.batch(index, out.length / dModel, out);
    },
    heldOutBatches: () => Number.POSITIVE_INFINITY,
  };
}
