import { biasCorrections, ramp, scheduleFactor } from "@sae/core";
import type { Checkpoint } from "./checkpoint.js";
import { projectedNames, scheduleNames, stateTypes, type TrainSpec } from "./trainStep.js";
import { unitRows } from "./unitRows.js";

/** Bytes of batches handed over in one run: enough steps to make the crossing cheap, little memory. */
const leastBytesPerRun = 16 << 20;
/** Everything that is carried crosses in every run, both ways: on a GPU that takes longer than many steps. */
const stateBytesPerByte = 8;

/** Steps that one run of the training program makes. */
export function stepsPerRun(spec: TrainSpec): number {
  const { recipe, dModel } = spec;
  const bytesOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 4);
  const stateBytes = Object.values(stateTypes(spec)).reduce((sum, { shape }) => sum + bytesOf(shape as number[]), 0);
  const bytes = Math.max(leastBytesPerRun, stateBytes / stateBytesPerByte);
  return Math.max(1, Math.min(50, Math.floor(bytes / (recipe.batch * dModel * 4))));
}

/**
 * Starting values of the parameters that the constraint projects, by name, as it is given them: decoder rows have unit norm, like the ones of every step,
 * whatever starting weights were given.
 *
 * @throws SaeError `bad_config` for a decoder row without a direction
 */
export function projectionStart(spec: TrainSpec, start: Checkpoint["start"]): Checkpoint["start"] {
  const { constraint, dModel } = spec;
  const what = `baseline '${constraint.name}', initial 'W_dec'`;
  return Object.fromEntries(
    projectedNames(spec).map((name) => [name, name === "W_dec" ? unitRows(start.W_dec, dModel, what) : start[name]]),
  );
}

/** What the training program is given for steps `from` … `to` − 1. */
export interface Steps {
  readonly from: number;
  readonly to: number;
  readonly state: Checkpoint["state"];
  /** What raw activations are divided by. */
  readonly scale: number;
  /** See `projectionStart`. */
  readonly projected: Checkpoint["start"];
  /** Raw activations [to − from, batch, dModel]. */
  readonly batches: Float32Array;
}

/** Inputs of the program of `compileTraining`. Learning rate, bias corrections and ramps are computed in double precision. */
export function stepInputs(spec: TrainSpec, { from, to, state, scale, projected, batches }: Steps) {
  const { recipe } = spec;
  const steps = to - from;
  const rows: Record<(typeof scheduleNames)[number], Float32Array> = {
    lr: new Float32Array(steps),
    correction1: new Float32Array(steps),
    correction2: new Float32Array(steps),
    sparsity: new Float32Array(steps),
  };
  for (let i = 0; i < steps; i++) {
    rows.lr[i] = recipe.lr * scheduleFactor(from + i, recipe);
    const corrections = biasCorrections(from + i + 1, recipe.beta1, recipe.beta2);
    rows.correction1[i] = corrections.correction1;
    rows.correction2[i] = corrections.correction2;
    rows.sparsity[i] = ramp(from + i, recipe.l0Warmup);
  }
  return {
    ...state,
    ...Object.fromEntries(Object.entries(projected).map(([name, data]) => [`initial.${name}`, data])),
    x: { data: batches, shape: [steps, recipe.batch, spec.dModel] },
    inverseScale: Float32Array.of(1 / scale),
    ...Object.fromEntries(scheduleNames.map((name) => [name, { data: rows[name], shape: [steps] }])),
  };
}
