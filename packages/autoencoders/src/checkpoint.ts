import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { encodeSafetensors, readSafetensors, SaeError, type StoredArray, writeFileAtomic } from "@sae/core";

/** State of a run between two steps: everything that the next step depends on. */
export interface Checkpoint {
  /** Steps made. */
  readonly step: number;
  /** Everything that is carried from step to step, by name. */
  readonly state: Record<string, Float32Array>;
  /** Values by name that were computed once at the start (the activation scale, the initial rows that are projected on). */
  readonly start: Record<string, Float32Array>;
  /** Mean L0 at the end of the last whole run of steps, which decides how the next ones lay out their codes. */
  readonly lastL0: number;
  /** Lines of the log written so far. */
  readonly logLines: number;
}

/** Writes a checkpoint of the run that `fingerprint` identifies; the file is complete or not there. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint, fingerprint: string): Promise<void> {
  const tensors = Object.fromEntries(
    Object.entries({ state: checkpoint.state, start: checkpoint.start }).flatMap(([group, arrays]) =>
      Object.entries(arrays).map(([name, data]) => [
        `${group}/${name}`,
        { dtype: "float32" as const, shape: [data.length], data },
      ]),
    ),
  );
  const { step, lastL0, logLines } = checkpoint;
  const metadata = { fingerprint, step: `${step}`, lastL0: `${lastL0}`, logLines: `${logLines}` };
  await writeFileAtomic(path, encodeSafetensors(tensors, { ...metadata, sha256: checksum(tensors, metadata) }));
}

/** Of everything in the file: a bit that a disk or a copy changed would go unnoticed into the weights. */
function checksum(tensors: Record<string, StoredArray>, metadata: Record<string, string>): string {
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
 * @throws SaeError `corrupt_checkpoint` when the file is damaged, `other_run` when it belongs to another configuration
 */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint | null> {
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
      `checkpoint ${path}: belongs to a run with other options or data; use another --out, or ${remedy}`,
    );
  }
  const group = (name: string) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([key]) => key.startsWith(`${name}/`))
        .map(([key, tensor]) => [key.slice(name.length + 1), tensor.data as Float32Array]),
    );
  return {
    step: Number(metadata.step),
    lastL0: Number(metadata.lastL0),
    logLines: Number(metadata.logLines),
    state: group("state"),
    start: group("start"),
  };
}

/** First `count` lines of a log; what a killed run wrote after its last checkpoint is dropped. */
export async function firstLines(path: string, count: number): Promise<string[]> {
  if (count === 0) return [];
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new SaeError(
      "corrupt_checkpoint",
      `log ${path}: needed the ${count} lines that the checkpoint counts, cannot read it; delete the folder to start again`,
      { cause },
    );
  });
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.length < count) {
    throw new SaeError(
      "corrupt_checkpoint",
      `log ${path}: needed the ${count} lines that the checkpoint counts, got ${lines.length}; delete the folder to start again`,
    );
  }
  return lines.slice(0, count);
}
