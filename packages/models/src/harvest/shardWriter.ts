import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodeFloat16, encodeNpyHeader, SaeError, type StoredDType, writeFileAtomic } from "@sae/core";
import type { Context } from "./contexts.js";
import type { HarvestShard, HashedFile } from "./harvestManifest.js";

/** One row on its way to the disk. */
export interface HarvestRow {
  readonly context: Context;
  readonly position: number;
  /** [dModel] */
  readonly values: Float32Array;
}

/** Collects the rows and contexts of one shard and writes them. */
export interface ShardWriter {
  /**
   * Adds a row; its values are copied.
   *
   * @throws SaeError `float16_overflow`
   */
  addRow(row: HarvestRow): void;
  addContext(context: Context): void;
  /**
   * Writes the files of the shard, each atomically.
   *
   * @throws SaeError those of `writeFileAtomic`
   */
  write(folder: string, number: number): Promise<HarvestShard>;
}

const ROWS_AT_ONCE = 1024; // rows of one piece of memory

/**
 * An empty shard.
 *
 * @param what first words of error messages
 */
export function shardWriter(what: string, dtype: "float16" | "float32", dModel: number): ShardWriter {
  const pieces: (Uint16Array | Float32Array)[] = [];
  const places: number[] = [];
  const contexts: Context[] = [];
  let rows = 0;

  const addRow = ({ context, position, values }: HarvestRow): void => {
    const at = (rows % ROWS_AT_ONCE) * dModel;
    if (at === 0)
      pieces.push(
        dtype === "float16" ? new Uint16Array(ROWS_AT_ONCE * dModel) : new Float32Array(ROWS_AT_ONCE * dModel),
      );
    const stored = dtype === "float16" ? encodeFloat16(values) : values;
    if (dtype === "float16" && stored.some((bits) => (bits & 0x7fff) === 0x7c00)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      throw new SaeError(
        "float16_overflow",
        `${what}: needed activations up to 65504 for float16, got ${largest} in context ${context.number}, position ${position} (token ${context.tokens[position]}); store float32, or leave such tokens out`,
      );
    }
    pieces[pieces.length - 1].set(stored, at);
    places.push(context.tokens[position], context.number, position);
    rows++;
  };

  const write = async (folder: string, number: number): Promise<HarvestShard> => {
    const nCtx = contexts[0].tokens.length;
    const left = (i: number) => Math.min(ROWS_AT_ONCE, rows - i * ROWS_AT_ONCE) * dModel;
    const file = (name: string) => `${name}-${String(number).padStart(5, "0")}.npy`;
    const ids = contexts.map(({ tokens, length }) => tokens.map((token, i) => (i < length ? token : -1)));
    const documents = contexts.map((context) => context.documents);
    const activations = pieces.map((piece, i) => piece.subarray(0, left(i)));
    return {
      ...(await writeArray(folder, file("activations"), dtype, [rows, dModel], activations)),
      rows,
      firstContext: contexts[0].number,
      contexts: contexts.length,
      companions: {
        tokens: await writeArray(folder, file("tokens"), "int32", [rows, 3], [Int32Array.from(places)]),
        contexts: await writeArray(folder, file("contexts"), "int32", [contexts.length, nCtx], ids),
        documents: await writeArray(folder, file("documents"), "int32", [contexts.length, nCtx], documents),
      },
    };
  };
  return { addRow, addContext: (context) => contexts.push(context), write };
}

async function writeArray(
  folder: string,
  file: string,
  dtype: StoredDType,
  shape: readonly number[],
  pieces: readonly (Uint16Array | Float32Array | Int32Array)[],
): Promise<HashedFile> {
  const bytes = pieces.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  const content = [encodeNpyHeader(dtype, shape), ...bytes];
  const digest = createHash("sha256");
  for (const piece of content) digest.update(piece);
  await writeFileAtomic(join(folder, file), content);
  return { file, sha256: digest.digest("hex") };
}
