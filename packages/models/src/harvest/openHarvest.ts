import { join } from "node:path";
import { type ActivationFile, type ActivationFileOptions, openActivations, readNpy, SaeError } from "@sae/core";
import { type HarvestManifest, type HarvestShard, readManifest } from "./harvestManifest.js";
import { lastAtMost } from "./lastAtMost.js";

/** Where rows of activations come from, element i of each for row i. */
export interface RowPlaces {
  readonly tokens: Int32Array;
  /** Numbers of contexts, counted from 0 at the harvest's first. */
  readonly contexts: Int32Array;
  /** Positions in the contexts. */
  readonly positions: Int32Array;
}

/** A context as it was harvested. */
export interface StoredContext {
  /** Counts from 0 at the harvest's first context. */
  readonly number: number;
  /** Without padding. */
  readonly tokens: Int32Array;
  /** Number in its source of the document that each token belongs to. */
  readonly documents: Int32Array;
}

/** A finished harvest: activations, and the texts around each of them. */
export interface Harvest {
  readonly folder: string;
  readonly manifest: HarvestManifest;
  readonly activations: ActivationFile;
  /**
   * Tokens, contexts and positions of rows.
   *
   * @throws SaeError `out_of_range`
   */
  places(rows: ArrayLike<number>): Promise<RowPlaces>;
  /**
   * A context by its number.
   *
   * @throws SaeError `out_of_range`
   */
  context(number: number): Promise<StoredContext>;
  /** Row that each context begins with, and the number of rows at the end: [contexts + 1]. Reads the places of all rows once. */
  contextRows(): Promise<Float64Array>;
  /** Closes the files. */
  close(): Promise<void>;
}

const SHARDS_KEPT = 8; // of each kind of companion file

/**
 * Opens a folder that `harvest` has filled.
 *
 * @throws SaeError `no_manifest`, `bad_manifest`, `shard_mismatch`, and those of `openActivations`
 */
export async function openHarvest(folder: string, options: ActivationFileOptions = {}): Promise<Harvest> {
  const manifest = await readManifest(folder);
  const { shards, rows, nCtx, counts } = manifest;
  const activations = await openActivations(folder, options);
  const rowStarts = starts(shards.map((shard) => shard.rows));
  const contextStarts = starts(shards.map((shard) => shard.contexts));
  // What is stored counts from the start of the texts, of which the first contexts may have been kept for something else.
  const firstContext = shards[0]?.firstContext ?? 0;
  const readTokens = companionReader(folder, shards, "tokens");
  const readContexts = companionReader(folder, shards, "contexts");
  const readDocuments = companionReader(folder, shards, "documents");

  const places = async (wanted: ArrayLike<number>): Promise<RowPlaces> => {
    const count = wanted.length;
    const [tokens, contexts, positions] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
    // shard by shard, so that each file is read once
    const inOrder = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
    for (const i of inOrder) {
      const shard = shardOf(rowStarts, wanted[i], `${folder}: rows`);
      const at = (wanted[i] - rowStarts[shard]) * 3;
      [tokens[i], contexts[i], positions[i]] = (await readTokens(shard)).subarray(at, at + 3);
      contexts[i] -= firstContext;
    }
    return { tokens, contexts, positions };
  };

  const context = async (number: number): Promise<StoredContext> => {
    const shard = shardOf(contextStarts, number, `${folder}: contexts`);
    const start = (number - contextStarts[shard]) * nCtx;
    const tokens = (await readContexts(shard)).subarray(start, start + nCtx);
    const documents = (await readDocuments(shard)).subarray(start, start + nCtx);
    const length = documents.findIndex((document) => document < 0);
    const end = length < 0 ? nCtx : length;
    return { number, tokens: tokens.slice(0, end), documents: documents.slice(0, end) };
  };

  const contextRows = async (): Promise<Float64Array> => {
    const first = new Float64Array(counts.contexts + 1);
    for (const shard of shards.keys()) {
      const stored = await readTokens(shard); // [rows, 3]
      for (let row = 0; row < shards[shard].rows; row++) first[stored[row * 3 + 1] - firstContext + 1]++;
    }
    for (let number = 0; number < counts.contexts; number++) first[number + 1] += first[number];
    return first;
  };
  if (rows !== activations.rows) {
    await activations.close();
    throw new SaeError(
      "bad_manifest",
      `open harvest ${folder}: needed ${rows} rows, got ${activations.rows}; harvest again`,
    );
  }
  return { folder, manifest, activations, places, context, contextRows, close: () => activations.close() };
}

/** [0, sizes[0], sizes[0] + sizes[1], ...] */
function starts(sizes: readonly number[]): number[] {
  const sums = [0];
  for (const size of sizes) sums.push(sums[sums.length - 1] + size);
  return sums;
}

function shardOf(starts: readonly number[], index: number, what: string): number {
  const end = starts[starts.length - 1];
  if (!(index >= 0 && index < end)) {
    throw new SaeError("out_of_range", `read ${what}: needed numbers from 0 to ${end - 1}, got ${index}`);
  }
  return lastAtMost(starts, index);
}

/** Reads the companion files of shards and keeps those that were read last. */
function companionReader(
  folder: string,
  shards: readonly HarvestShard[],
  kind: keyof HarvestShard["companions"],
): (shard: number) => Promise<Int32Array> {
  const kept = new Map<number, Promise<Int32Array>>();
  return (shard) => {
    const reading =
      kept.get(shard) ??
      readNpy(join(folder, shards[shard].companions[kind].file)).then(({ data }) => data as Int32Array);
    kept.delete(shard); // to the end: the first one is the one that was used longest ago
    kept.set(shard, reading);
    if (kept.size > SHARDS_KEPT) kept.delete(kept.keys().next().value as number);
    return reading;
  };
}
