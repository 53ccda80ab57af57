import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { SaeError, writeFileAtomic } from "@sae/core";
import { firstLines } from "./checkpoint.js";
import type { LogLine } from "./trainOptions.js";
import { type LogColumn, logColumns } from "./trainStep.js";

/** The log of a run: in memory, and in log.jsonl when the run has a folder. */
export interface TrainLog {
  readonly lines: readonly LogLine[];
  append(rows: readonly LogLine[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the log of a run; the first `keep` lines of an interrupted one stay, what it wrote after its checkpoint goes.
 *
 * @throws SaeError `corrupt_checkpoint` when there are fewer
 */
export async function openLog(folder: string | undefined, keep: number): Promise<TrainLog> {
  if (!folder) {
    const lines: LogLine[] = [];
    return { lines, append: async (rows) => void lines.push(...rows), close: async () => {} };
  }
  await mkdir(folder, { recursive: true });
  const path = join(folder, "log.jsonl");
  const kept = await firstLines(path, keep);
  await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
  const lines = kept.map((line) => JSON.parse(line) as LogLine);
  const handle = await open(path, "a");
  return {
    lines,
    append: async (rows) => {
      lines.push(...rows);
      if (rows.length > 0) await handle.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    },
    close: () => handle.close(),
  };
}

/** The log vectors [steps, columns] of some steps, by name. */
export function logRows(data: Float32Array, firstStep: number): LogLine[] {
  const width = logColumns.length;
  return Array.from({ length: data.length / width }, (_, i) => ({
    step: firstStep + i,
    ...(Object.fromEntries(logColumns.map((column, c) => [column, data[i * width + c]])) as Record<LogColumn, number>),
  }));
}

/** @throws SaeError `diverged` at the first step whose loss or gradient is not a number */
export function checkFinite(rows: readonly LogLine[]): void {
  const bad = rows.find(({ loss, gradNorm }) => !Number.isFinite(loss) || !Number.isFinite(gradNorm));
  if (bad) {
    const what = `the loss of step ${bad.step} is ${bad.loss}, the norm of its gradient ${bad.gradNorm}`;
    throw new SaeError("diverged", `training diverged: ${what}; lower --lr or check the activations`);
  }
}
