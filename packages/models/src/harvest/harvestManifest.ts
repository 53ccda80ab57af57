/*
 * A folder of harvested activations, one row for each token that was kept, in the order of the texts. For each shard nnnnn:
 *
 *   activations-nnnnn.npy   [rows, dModel]    float16 or float32
 *   tokens-nnnnn.npy        [rows, 3]         int32: token, number of its context in the stream of texts, position in it
 *   contexts-nnnnn.npy      [contexts, nCtx]  int32: tokens, -1 for padding
 *   documents-nnnnn.npy     [contexts, nCtx]  int32: number of the document that each token belongs to, -1 for padding
 *
 * manifest.json is written last. Until then state.json tells how far the harvest is.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import type { StreamPosition } from "./contexts.js";

/** A file and its hash. */
export interface HashedFile {
  readonly file: string;
  readonly sha256: string;
}

/** The files of one shard; `file` and `sha256` are those of the activations. */
export interface HarvestShard extends HashedFile {
  readonly rows: number;
  readonly firstContext: number;
  readonly contexts: number;
  readonly companions: Readonly<Record<"tokens" | "contexts" | "documents", HashedFile>>;
}

/** What became of the tokens that the model read: `tokens` is the sum of all other counts and of the rows. */
export interface HarvestCounts {
  readonly contexts: number;
  /** Without padding. */
  readonly tokens: number;
  readonly rows: number;
  /** Left out for their position in the context (`skipPositions`). */
  readonly early: number;
  /** Left out for what they are (`skipBos`, `skipTokens`). */
  readonly special: number;
  /** Left out for their norm. */
  readonly outliers: number;
  /** Read with the last batch but not needed any more. */
  readonly unused: number;
}

/** Which norms are too large. */
export interface NormLimit {
  readonly median: number;
  readonly limit: number;
}

/** All that the bytes of a harvest depend on. */
export type HarvestConfig = Readonly<Record<string, unknown>>;

/** How far a harvest is. */
export interface HarvestState {
  readonly config: HarvestConfig;
  readonly next: StreamPosition;
  readonly counts: HarvestCounts;
  /** Null before the first shard, and when there is no limit. */
  readonly norms: NormLimit | null;
  readonly shards: readonly HarvestShard[];
}

/** A finished harvest: manifest.json. */
export interface HarvestManifest {
  readonly config: HarvestConfig;
  readonly dtype: "float16" | "float32";
  readonly dModel: number;
  readonly nCtx: number;
  readonly rows: number;
  readonly counts: HarvestCounts;
  readonly norms: NormLimit | null;
  readonly shards: readonly HarvestShard[];
}

/**
 * Reads the manifest of a finished harvest.
 *
 * @throws SaeError `no_manifest`, `bad_manifest`
 */
export async function readManifest(folder: string): Promise<HarvestManifest> {
  const manifest = await readJson<HarvestManifest>(join(folder, "manifest.json"));
  if (manifest === null) {
    throw new SaeError(
      "no_manifest",
      `open harvest ${folder}: needed a folder with manifest.json, found none; harvest into it first`,
    );
  }
  if (!("config" in manifest) || !Array.isArray(manifest.shards)) {
    throw new SaeError(
      "bad_manifest",
      `open harvest ${folder}: needed the manifest of a harvest, got another manifest.json`,
    );
  }
  return manifest;
}

/**
 * A JSON file, null when it does not exist.
 *
 * @throws SaeError `bad_manifest`, `read_failed`
 */
export async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw new SaeError("read_failed", `read ${path}: ${cause.message}`, { cause });
  });
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SaeError("bad_manifest", `read ${path}: needed JSON, got "${(cause as Error).message}"; remove it`, {
      cause,
    });
  }
}
