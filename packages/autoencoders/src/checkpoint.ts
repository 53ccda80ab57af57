import { loadCheckpoint, saveCheckpoint } from "@sae/core";

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
  const { state, start, step, lastL0, logLines } = checkpoint;
  const arrays = Object.entries({ state, start }).flatMap(([group, named]) =>
    Object.entries(named).map(([name, data]) => [`${group}/${name}`, data] as const),
  );
  await saveCheckpoint(path, { arrays: Object.fromEntries(arrays), numbers: { step, lastL0, logLines } }, fingerprint);
}

/**
 * Reads a checkpoint, or returns null when there is none.
 * @throws SaeError `corrupt_checkpoint` when the file is damaged, `other_run` when it belongs to another configuration
 */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Checkpoint | null> {
  const stored = await loadCheckpoint(path, fingerprint);
  if (stored === null) return null;
  const { step, lastL0, logLines } = stored.numbers;
  const group = (name: string) =>
    Object.fromEntries(
      Object.entries(stored.arrays)
        .filter(([key]) => key.startsWith(`${name}/`))
        .map(([key, data]) => [key.slice(name.length + 1), data]),
    );
  return { step, lastL0, logLines, state: group("state"), start: group("start") };
}
