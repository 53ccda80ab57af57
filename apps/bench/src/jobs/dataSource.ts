import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type ActivationSource, fileSource, generatorSource } from "@sae/autoencoders";
import { openActivations, SaeError } from "@sae/core";
import { HELD_OUT, type SyntheticModel, syntheticModel } from "@sae/synthetic";
import { z } from "zod";
import { activationsOf } from "./harvestFolder.js";
import type { JobContext } from "./job.js";

const probability = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("constant"), p: z.number().min(0).max(1) }),
  z.object({ kind: z.literal("log_uniform"), logMin: z.number(), logMax: z.number() }),
]);

const magnitude = z.union([
  z.strictObject({ mu: z.number(), sigma: z.number().nonnegative() }),
  z.strictObject({ mu: z.number(), variance: z.number().nonnegative() }),
]);

/** Where a job's activations come from, as part of its config: by content, not by place. */
export const dataSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("synthetic"),
    seed: z.number().int().nonnegative(),
    dModel: z.number().int().positive(),
    features: z.number().int().positive(),
    probability,
    magnitude,
  }),
  z.object({
    kind: z.literal("file"),
    sha256: z.string(),
    tensor: z.string().optional(),
    order: z.enum(["shuffled", "sequential"]),
    seed: z.number().int().nonnegative(),
    heldOut: z.number().min(0).lt(1).optional(),
  }),
  // Activations that a job before this one has harvested: what they are, the job's own name says.
  z.object({
    kind: z.literal("harvest"),
    seed: z.number().int().nonnegative(),
    heldOut: z.number().min(0).lt(1),
  }),
]);
export type DataConfig = z.infer<typeof dataSchema>;

/** Activations that a job has opened. */
export interface OpenData {
  readonly source: ActivationSource;
  /** The generator, when the true features are known. */
  readonly synthetic: SyntheticModel | null;
  close(): Promise<void>;
}

/** Facts about a file that was examined when the study was planned, for the jobs on the same machine. */
export interface ExaminedFile {
  readonly path: string;
  readonly sha256: string;
  readonly rows: number;
  readonly dModel: number;
  /** Changes when the file does: while it is the same, nobody need read the whole file again. */
  readonly stamp: string;
}

const rowsAtOnce = 4096;

/**
 * Reads a file of activations once from end to end: its hash, and whether every number is finite.
 *
 * @throws SaeError as `openActivations` and `readRange` of @sae/core, `no_rows`
 */
export async function examineFile(path: string, tensor?: string): Promise<ExaminedFile> {
  const file = await openActivations(path, tensor === undefined ? {} : { tensor });
  try {
    const { rows, dModel } = file;
    if (rows === 0 || dModel === 0) {
      throw new SaeError(
        "no_rows",
        `${path}: needed activations [rows, dModel], got shape [${rows}, ${dModel}]; name a file that has some`,
      );
    }
    const out = new Float32Array(Math.min(rows, rowsAtOnce) * dModel);
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - start);
      await file.readRange(start, count, out.subarray(0, count * dModel));
    }
    return { path, sha256: await file.hash(), rows, dModel, stamp: await stampOf(path) };
  } finally {
    await file.close();
  }
}

async function stampOf(path: string): Promise<string> {
  // A folder's own date does not change with the files in it; its manifest is written last.
  const isFolder = (await stat(path)).isDirectory();
  const { size, mtimeMs, ino } = await stat(isFolder ? join(path, "manifest.json") : path);
  return `${size}-${mtimeMs}-${ino}`;
}

/** Facts that a job is given about its file. */
export const localFile = ({ path, stamp }: ExaminedFile): Record<string, string> => ({ data: path, dataStamp: stamp });

/**
 * Opens the activations that a config names.
 *
 * @param local where the file lies on this machine, see `localFile`
 * @param needs the folder of the harvest, as `activations`
 * @throws SaeError `missing_input`, `data_changed`, those of `openActivations`
 */
export async function openData(
  data: DataConfig,
  { local, needs }: Pick<JobContext, "local" | "needs">,
): Promise<OpenData> {
  if (data.kind === "synthetic") {
    const { kind: _, ...config } = data;
    const model = syntheticModel(config);
    const heldOut = {
      batch: (index: number, size: number, out: Float32Array) => model.batch(HELD_OUT + index, size, out),
    };
    return { source: generatorSource(model, heldOut, { ...config }), synthetic: model, close: async () => {} };
  }
  if (data.kind === "harvest") {
    // Loaded here, so that jobs without a language model start as quickly as they can.
    const { harvestSource, openHarvest } = await import("@sae/models");
    const harvest = await openHarvest(activationsOf(needs.activations));
    return { source: await harvestSource(harvest, data), synthetic: null, close: () => harvest.close() };
  }
  const { data: path, dataStamp } = local;
  if (!path) throw new SaeError("missing_input", "file data: needed the path of the activations; pass --data FILE");
  const opened = await openActivations(path, data.tensor === undefined ? {} : { tensor: data.tensor });
  const isExamined = dataStamp !== undefined && dataStamp === (await stampOf(path));
  const file = isExamined ? { ...opened, hash: async () => data.sha256 } : opened;
  const source = await fileSource(file, {
    order: data.order,
    seed: data.seed,
    ...(data.heldOut !== undefined && { heldOut: data.heldOut }),
  });
  if (source.identity.sha256 !== data.sha256) {
    await file.close();
    throw new SaeError(
      "data_changed",
      `${path}: its contents changed since the study was planned (sha256 ${source.identity.sha256}, planned ${data.sha256}); start the command again`,
    );
  }
  return { source, synthetic: null, close: () => file.close() };
}
