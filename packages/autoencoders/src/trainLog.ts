import { SaeError } from "@sae/core";
import type { Checkpoint } from "./checkpoint.js";
import type { LogLine } from "./trainOptions.js";
import { type LogColumn, logColumns, storedShapes, type TrainSpec } from "./trainStep.js";

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
    throw diverged(`the loss of step ${bad.step} is ${bad.loss}, the norm of its gradient ${bad.gradNorm}`);
  }
}

/**
 * What the last step did is in no loss.
 *
 * @throws SaeError `diverged` when the parameters that training ends with are not all numbers
 */
export function checkFiniteWeights(spec: TrainSpec, state: Checkpoint["state"]): void {
  for (const name of Object.keys(storedShapes(spec))) {
    const bad = state[name].find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw diverged(`after the last step a value of ${name} is ${bad}`);
  }
}

const diverged = (what: string): SaeError =>
  new SaeError("diverged", `training diverged: ${what}; lower --lr or check the activations`);
