import { SaeError } from "@sae/core";
import type { LogLine } from "./trainOptions.js";
import { type LogColumn, logColumns } from "./trainStep.js";

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
