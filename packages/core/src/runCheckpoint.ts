import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { SaeError } from "./error.js";
import { encodeSafetensors, readSafetensors } from "./safetensors.js";
import type { StoredArray } from "./storedArray.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

/** A run between two steps. */
export interface RunCheckpoint {
  /** Flat arrays by name. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** Numbers by name. Infinities are kept. */
  readonly numbers: Readonly<Record<string, number>>;
}

/**
 * Writes a checkpoint of the run that `fingerprint` identifies as a safetensors file with a checksum; the file is complete or not there.
 *
 * @throws SaeError `disk_full`, `write_failed`, `folder_not_found`
 */
export async function saveCheckpoint(
  path: string,
  { arrays, numbers }: RunCheckpoint,
  fingerprint: string,
): Promise<void> {
  const tensors = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { dtype: "float32" as const, shape: [data.length], data }]),
  );
  const texts = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, `${number}`]));
  const metadata = { fingerprint, ...texts };
  await writeFileAtomic(path, encodeSafetensors(tensors, { ...metadata, sha256: checksum(tensors, metadata) }));
}

/** Of everything in the file: a bit that a disk or a copy changed would go unnoticed into the weights. */
function checksum(tensors: Readonly<Record<string, StoredArray>>, metadata: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(metadata).sort()) hash.update(`${name}=${metadata[name]}\n`);
  for (const name of Object.keys(tensors).sort()) {
    const { buffer, byteOffset, byteLength } = tensors[name].data;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

/**
 * Reads a checkpoint, or returns null when there is none.
 *
 * @throws SaeError `corrupt_checkpoint` when the file is damaged, `other_run` when it belongs to a run with another fingerprint
 */
export async function loadCheckpoint(path: string, fingerprint: string): Promise<RunCheckpoint | null> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  if (!there) return null;
  const remedy = "delete it to start this run from the beginning";
  const damaged = (reason: string, cause?: unknown) =>
    new SaeError("corrupt_checkpoint", `checkpoint ${path}: damaged (${reason}); ${remedy}`, { cause });
  const { tensors, metadata } = await readSafetensors(path).catch((cause: unknown) => {
    throw damaged(cause instanceof Error ? cause.message : String(cause), cause);
  });
  const { sha256, ...signed } = metadata;
  if (checksum(tensors, signed) !== sha256) throw damaged("its checksum differs");
  const { fingerprint: found, ...texts } = signed;
  if (found !== fingerprint) {
    throw new SaeError(
      "other_run",
      `checkpoint ${path}: belongs to a run with other options or data; use another --out, or ${remedy}`,
    );
  }
  return {
    arrays: Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array])),
    numbers: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)])),
  };
}
