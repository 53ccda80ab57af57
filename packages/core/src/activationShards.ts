/*
 * Activations in a folder: a matrix cut into files (shards) of whole rows, which manifest.json lists in order:
 *
 *   {"dtype": "float16", "dModel": 64, "rows": 300, "shards": [{"file": "a-0.npy", "rows": 200, "sha256": "..."}, ...]}
 *
 * More keys may stand there; nothing here reads them.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ActivationFile } from "./activationFile.js";
import { SaeError } from "./error.js";
import { readAll } from "./readBytes.js";
import { bytesPerElement, type StoredDType } from "./storedArray.js";

const LANES = 8; // shards read at the same time

interface ShardList {
  readonly dtype: StoredDType;
  readonly dModel: number;
  readonly rows: number;
  readonly shards: readonly { readonly file: string; readonly rows: number; readonly sha256: string }[];
}

/**
 * Opens the shards of a folder as one matrix.
 *
 * @param maxBytesInMemory the matrix is held in memory when all of it has at most so many bytes
 * @param openFile opens one shard
 * @throws SaeError `no_manifest`, `bad_manifest`, `shard_mismatch` when a shard is not what the manifest says, and those of `openFile`
 */
export async function openShards(
  folder: string,
  maxBytesInMemory: number,
  openFile: (path: string, maxBytesInMemory: number) => Promise<ActivationFile>,
): Promise<ActivationFile> {
  const { dtype, dModel, rows, shards } = await readShardList(folder);
  const inMemory = rows * dModel * bytesPerElement(dtype) <= maxBytesInMemory;
  const files: ActivationFile[] = [];
  const close = async () => {
    for (const file of files) await file.close();
  };
  try {
    for (const shard of shards) {
      const file = await openFile(join(folder, shard.file), inMemory ? Number.POSITIVE_INFINITY : 0);
      files.push(file);
      if (file.rows === shard.rows && file.dModel === dModel && file.dtype === dtype) continue;
      throw new SaeError(
        "shard_mismatch",
        `open activations ${file.path}: needed ${dtype} [${shard.rows}, ${dModel}] as manifest.json says, got ${file.dtype} [${file.rows}, ${file.dModel}]; make the folder again`,
      );
    }
  } catch (error) {
    await close();
    throw error;
  }

  const starts = [0]; // row of the matrix that each shard begins with, and the end
  for (const shard of shards) starts.push(starts[starts.length - 1] + shard.rows);

  const checkSize = (count: number, out: Float32Array): void => {
    if (out.length === count * dModel) return;
    throw new SaeError(
      "shape_mismatch",
      `read ${folder}: needed an output of ${count} rows of ${dModel} values, got ${out.length} values`,
    );
  };
  const checkRow = (row: number): void => {
    if (Number.isInteger(row) && row >= 0 && row < rows) return;
    throw new SaeError("out_of_range", `read ${folder}: needed rows from 0 to ${rows - 1}, got ${row}`);
  };

  const readRange = async (start: number, count: number, out: Float32Array): Promise<void> => {
    checkSize(count, out);
    if (count === 0) return;
    checkRow(start);
    checkRow(start + count - 1);
    for (let shard = shardOf(starts, start), done = 0; done < count; shard++) {
      const first = start + done - starts[shard];
      const size = Math.min(count - done, shards[shard].rows - first);
      await files[shard].readRange(first, size, out.subarray(done * dModel, (done + size) * dModel));
      done += size;
    }
  };

  const readRows = async (indices: ArrayLike<number>, out: Float32Array): Promise<void> => {
    checkSize(indices.length, out);
    const wanted = new Map<number, { rows: number[]; places: number[] }>();
    for (let place = 0; place < indices.length; place++) {
      checkRow(indices[place]);
      const shard = shardOf(starts, indices[place]);
      const list = wanted.get(shard) ?? { rows: [], places: [] };
      if (list.rows.length === 0) wanted.set(shard, list);
      list.rows.push(indices[place] - starts[shard]);
      list.places.push(place);
    }
    const left = [...wanted];
    const lane = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [shard, { rows: shardRows, places }] = next;
        const values = new Float32Array(shardRows.length * dModel); // [rows of this shard, dModel]
        await files[shard].readRows(shardRows, values);
        for (const [i, place] of places.entries()) {
          out.set(values.subarray(i * dModel, (i + 1) * dModel), place * dModel);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, left.length) }, lane));
  };

  let digest: Promise<string> | undefined;
  const hash = (): Promise<string> => {
    digest ??= (async () => {
      const whole = createHash("sha256");
      for (const [i, file] of files.entries()) {
        const sha256 = await file.hash();
        if (sha256 !== shards[i].sha256) {
          throw new SaeError(
            "shard_mismatch",
            `hash ${file.path}: needed sha256 ${shards[i].sha256} as manifest.json says, got ${sha256}; the file was changed, make the folder again`,
          );
        }
        whole.update(`${sha256}  ${shards[i].file}\n`);
      }
      return whole.digest("hex");
    })();
    return digest;
  };
  return { path: folder, rows, dModel, dtype, inMemory, readRows, readRange, hash, close };
}

/** The shard that holds a row: the last one that begins at it or before it. */
function shardOf(starts: readonly number[], row: number): number {
  let [low, high] = [0, starts.length - 1]; // starts[low] <= row < starts[high]
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= row) low = middle;
    else high = middle;
  }
  return low;
}

async function readShardList(folder: string): Promise<ShardList> {
  const path = join(folder, "manifest.json");
  const bytes = await readAll(path, "open activations").catch((cause: unknown) => {
    if (!(cause instanceof SaeError) || cause.code !== "file_not_found") throw cause;
    throw new SaeError(
      "no_manifest",
      `open activations ${folder}: needed a folder with manifest.json, found none; it is written when a harvest is complete`,
      { cause },
    );
  });
  let list: Partial<ShardList>;
  try {
    list = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw badManifest(path, "JSON", (cause as Error).message, cause);
  }
  const { dtype, dModel, rows, shards } = list;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (dtype !== "float16" && dtype !== "bfloat16" && dtype !== "float32" && dtype !== "float64") {
    throw badManifest(path, "dtype float16, bfloat16, float32 or float64", JSON.stringify(dtype));
  }
  if (!isCount(dModel) || !isCount(rows)) {
    throw badManifest(path, "whole numbers dModel and rows", `${JSON.stringify(dModel)} and ${JSON.stringify(rows)}`);
  }
  const isShard = (shard: Partial<ShardList["shards"][number]> | null) =>
    shard !== null && isFileName(shard.file) && isCount(shard.rows) && typeof shard.sha256 === "string";
  if (!Array.isArray(shards) || !shards.every(isShard)) {
    throw badManifest(
      path,
      "shards with file (a name in this folder), rows and sha256",
      JSON.stringify(shards)?.slice(0, 80) ?? "none",
    );
  }
  const total = shards.reduce((sum, shard) => sum + shard.rows, 0);
  if (total !== rows) throw badManifest(path, `shards of ${rows} rows together`, `${total}`);
  return { dtype, dModel: dModel as number, rows: rows as number, shards };
}

/** Whether it names a file of the folder itself: a manifest from elsewhere must not lead out of it. */
const isFileName = (file: unknown): boolean =>
  typeof file === "string" && /^[^/\\]+$/.test(file) && !/^\.\.?$/.test(file);

const badManifest = (path: string, needed: string, got: string, cause?: unknown): SaeError =>
  new SaeError("bad_manifest", `open activations ${path}: needed ${needed}, got ${got}; make the folder again`, {
    cause,
  });
