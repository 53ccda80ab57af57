import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { SaeError, writeFileAtomic } from "@sae/core";
import type { ContextSource } from "./contexts.js";
import {
  type HarvestConfig,
  type HarvestCounts,
  type HarvestManifest,
  type HarvestState,
  readJson,
  readManifest,
} from "./harvestManifest.js";
import { harvestShard, type ShardSettings } from "./harvestShard.js";
import type { Prefix } from "./prefix.js";
import { type RowSelection, rowSelector } from "./selectRows.js";

/** What is harvested, and what of it is kept. */
export interface HarvestOptions extends RowSelection {
  readonly prefix: Prefix;
  readonly contexts: ContextSource;
  /** Folder that holds this harvest and nothing else; it is made. */
  readonly folder: string;
  /** Element type on disk. Default float16. */
  readonly dtype?: "float16" | "float32";
  /** Contexts that the model reads at once. Default 8. */
  readonly batch?: number;
  /** Activations of one shard in bytes, about; a shard is in memory until it is written. Default 512 MiB. */
  readonly shardBytes?: number;
  /** Stop at so many rows; all texts when left out. */
  readonly maxRows?: number;
  /** Drop rows whose norm is larger than so many medians; null, the default, for none. */
  readonly maxNorm?: number | null;
  /** The median norm is that of the first so many rows (of those of the first shard when they are fewer). Default 8192. */
  readonly medianRows?: number;
  /** Called after every batch. */
  readonly onProgress?: (progress: HarvestProgress) => void;
}

/** How far a harvest is. */
export interface HarvestProgress {
  /** Rows so far. */
  readonly rows: number;
  /** Tokens that the model has read so far. */
  readonly tokens: number;
  /** Speed since this process began. */
  readonly tokensPerSecond: number;
  /** Null while nobody knows: without `maxRows`, or before the first row. */
  readonly msLeft: number | null;
}

/** Raised when the same config shall give other bytes. */
const VERSION = 1;

/**
 * Runs a model over texts and stores its activations at a hook in a folder that `openActivations` and `openHarvest` open.
 *
 * A harvest that was stopped, also by force, continues from its last whole shard and gives the same bytes as one that was not. One that is complete is
 * not made again. Two processes must not harvest into one folder at the same time.
 *
 * @returns the manifest, which is written last
 * @throws SaeError `other_harvest` when the folder holds a harvest with other options, `non_finite`, `float16_overflow`, `bad_option`, `disk_full`,
 *   and those of the texts and the model; finished shards stay
 */
export async function harvest(options: HarvestOptions): Promise<HarvestManifest> {
  const { prefix, contexts, folder, onProgress } = options;
  const settings = settingsOf(options);
  const { dtype, maxRows } = settings;
  const config = configOf(options, settings);
  await mkdir(folder, { recursive: true });
  await removeTemporary(folder);
  const statePath = join(folder, "state.json");

  const earlier = await finished(folder);
  if (earlier !== null) {
    checkSame(folder, earlier.config, config);
    await rm(statePath, { force: true });
    return earlier;
  }
  let state = (await readJson<HarvestState>(statePath)) ?? emptyState(config);
  checkSame(folder, state.config, config);

  const report = reporter(state, maxRows, onProgress);
  const stream = contexts.from(state.next)[Symbol.asyncIterator]();
  try {
    for (let more = state.counts.rows < maxRows; more; ) {
      const shard = await harvestShard(prefix, stream, state, settings, report, `harvest into ${folder}`);
      if (shard === null) break;
      more = !shard.isLast;
      const written = await shard.writer.write(folder, state.shards.length);
      state = { ...state, ...shard.progress, shards: [...state.shards, written] };
      await writeJson(statePath, state);
    }
  } finally {
    await stream.return?.();
  }

  const { counts, norms, shards } = state;
  const { dModel } = prefix;
  const manifest = { config, dtype, dModel, nCtx: contexts.nCtx, rows: counts.rows, counts, norms, shards };
  await writeJson(join(folder, "manifest.json"), manifest);
  await rm(statePath, { force: true });
  return manifest;
}

function settingsOf(options: HarvestOptions): ShardSettings {
  const { prefix, contexts, dtype = "float16", batch = 8, shardBytes = 2 ** 29 } = options;
  const { maxRows = Number.POSITIVE_INFINITY, maxNorm = null, medianRows = 8192 } = options;
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  const check = (name: string, value: number, isFine: boolean, needed: string) => {
    if (!isFine) throw new SaeError("bad_option", `harvest: needed ${name} to be ${needed}, got ${value}`);
  };
  const count = "a whole number of at least 1";
  check("batch", batch, isCount(batch), count);
  check("medianRows", medianRows, isCount(medianRows), count);
  check("maxRows", maxRows, isCount(maxRows) || maxRows === Number.POSITIVE_INFINITY, count);
  check("shardBytes", shardBytes, shardBytes >= 1, "at least 1");
  check("maxNorm", maxNorm ?? 1, maxNorm === null || (maxNorm > 0 && Number.isFinite(maxNorm)), "a positive number");
  // Whole batches: which contexts run together bears on the last bits, and must not depend on where a harvest was interrupted.
  const batchBytes = batch * contexts.nCtx * prefix.dModel * (dtype === "float16" ? 2 : 4);
  const shardContexts = Math.max(1, Math.floor(shardBytes / batchBytes)) * batch;
  const select = rowSelector(contexts.starts, options);
  return { dtype, batch, shardContexts, maxRows, maxNorm, medianRows, select };
}

function configOf(options: HarvestOptions, settings: ShardSettings): HarvestConfig {
  const { prefix, contexts, skipBos = true, skipTokens = [], skipPositions = 0 } = options;
  const { dtype, batch, shardContexts, maxRows, maxNorm, medianRows } = settings;
  const config = {
    version: VERSION,
    prefix: prefix.identity,
    contexts: contexts.identity,
    dtype,
    batch,
    shardContexts,
    ...(maxRows !== Number.POSITIVE_INFINITY && { maxRows }),
    ...(maxNorm !== null && { maxNorm, medianRows }),
    skipBos,
    skipTokens,
    skipPositions,
  };
  return JSON.parse(JSON.stringify(config)); // as it comes back from a file
}

const emptyState = (config: HarvestConfig): HarvestState => ({
  config,
  next: { context: 0, document: 0, token: 0 },
  counts: { contexts: 0, tokens: 0, rows: 0, early: 0, special: 0, outliers: 0, unused: 0 },
  norms: null,
  shards: [],
});

async function finished(folder: string): Promise<HarvestManifest | null> {
  return readManifest(folder).catch((error: unknown) => {
    if (error instanceof SaeError && error.code === "no_manifest") return null;
    throw error;
  });
}

function checkSame(folder: string, found: HarvestConfig, wanted: HarvestConfig): void {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  const differing = names.filter((name) => !isDeepStrictEqual(found[name], wanted[name]));
  if (differing.length === 0) return;
  throw new SaeError(
    "other_harvest",
    `harvest into ${folder}: it holds a harvest with another ${differing.join(", ")}; choose another folder, or remove this one`,
  );
}

/** What a process that was killed while it wrote has left. */
async function removeTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\..*\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
  }
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);

function reporter(
  { counts }: HarvestState,
  maxRows: number,
  onProgress: HarvestOptions["onProgress"] = () => {},
): (now: HarvestCounts) => void {
  const began = performance.now();
  return ({ rows, tokens }) => {
    const ms = performance.now() - began;
    const made = rows - counts.rows;
    onProgress({
      rows,
      tokens,
      tokensPerSecond: ((tokens - counts.tokens) / ms) * 1000,
      msLeft: made === 0 || maxRows === Number.POSITIVE_INFINITY ? null : ((maxRows - rows) * ms) / made,
    });
  };
}
