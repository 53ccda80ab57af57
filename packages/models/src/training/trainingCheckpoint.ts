import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { encodeSafetensors, readSafetensors, SaeError, type StoredArray, writeFileAtomic } from "@sae/core";

/** A run between two steps: everything that the next step depends on. */
export interface TrainingCheckpoint {
  /** Steps made. */
  readonly step: number;
  /** Weights and moments by name. */
  readonly state: Readonly<Record<string, Float32Array>>;
  /** Lines of the log written so far. */
  readonly logLines: number;
  /** Up to this step the run would have been the same with any later end: where its learning rate begins to fall. */
  readonly constantUntil: number;
}

/** Writes a checkpoint of the run that `fingerprint` identifies; the file is complete or not there. */
export async function writeTrainingCheckpoint(
  path: string,
  { step, state, logLines, constantUntil }: TrainingCheckpoint,
  fingerprint: string,
): Promise<void> {
  const tensors = Object.fromEntries(
    Object.entries(state).map(([name, data]) => [name, { dtype: "float32" as const, shape: [data.length], data }]),
  );
  const metadata = { fingerprint, step: `${step}`, logLines: `${logLines}`, constantUntil: `${constantUntil}` };
  await writeFileAtomic(path, encodeSafetensors(tensors, { ...metadata, sha256: checksum(tensors, metadata) }));
}

/** Of everything in the file: a bit that a disk changed would go unnoticed into the weights. */
function checksum(tensors: Readonly<Record<string, StoredArray>>, metadata: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(metadata).sort()) hash.update(`${name}=${metadata[name]}\n`);
  for (const name of Object.keys(tensors).sort()) {
    const { buffer, byteOffset, byteLength } = (tensors[name] as StoredArray).data;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

/**
 * Reads a checkpoint, or returns null when there is none.
 * @throws SaeError `corrupt_checkpoint` when the file is damaged, `other_run` when it belongs to another recipe, model or corpus
 */
export async function readTrainingCheckpoint(path: string, fingerprint: string): Promise<TrainingCheckpoint | null> {
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
  if (metadata.fingerprint !== fingerprint) {
    throw new SaeError(
      "other_run",
      `checkpoint ${path}: belongs to a run of another recipe, model or corpus; use another folder, or ${remedy}`,
    );
  }
  return {
    step: Number(metadata.step),
    logLines: Number(metadata.logLines),
    constantUntil: Number(metadata.constantUntil),
    state: Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array])),
  };
}

/**
 * The first `count` lines of a log, each with its line feed; what a killed run wrote after its last checkpoint is dropped.
 * @throws SaeError `corrupt_checkpoint` when there are fewer
 */
export async function keptLog(path: string, count: number): Promise<string> {
  const text = count === 0 ? "" : await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  if (lines.length < count) {
    throw new SaeError(
      "corrupt_checkpoint",
      `log ${path}: needed the ${count} lines that the checkpoint counts, got ${lines.length}; delete the folder to start again`,
    );
  }
  return lines
    .slice(0, count)
    .map((line) => `${line}\n`)
    .join("");
}
