import { loadCheckpoint, saveCheckpoint } from "@sae/core";

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
export const writeTrainingCheckpoint = (
  path: string,
  { state, step, logLines, constantUntil }: TrainingCheckpoint,
  fingerprint: string,
): Promise<void> => saveCheckpoint(path, { arrays: state, numbers: { step, logLines, constantUntil } }, fingerprint);

/**
 * Reads a checkpoint, or returns null when there is none.
 * @throws SaeError `corrupt_checkpoint` when the file is damaged, `other_run` when it belongs to another recipe, model or corpus
 */
export async function readTrainingCheckpoint(path: string, fingerprint: string): Promise<TrainingCheckpoint | null> {
  const stored = await loadCheckpoint(path, fingerprint);
  if (stored === null) return null;
  const { step, logLines, constantUntil } = stored.numbers;
  return { step, logLines, constantUntil, state: stored.arrays };
}
