import type { CompileOptions } from "@sae/core";
import { type Calibration, calibrateThreshold } from "./calibrate.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Sae } from "./sae.js";
import { defaultCalibrationRows, type Run } from "./startRun.js";
import { trainedSae } from "./trainedSae.js";

/** The SAE of a finished run and how its threshold was chosen, where it has a calibrated one. */
export interface InferenceForm {
  readonly sae: Sae;
  readonly calibration: Calibration | null;
}

/** The usable SAE: raw scale, inference rule, threshold calibrated where the rule has one. */
export async function inferenceForm(
  { spec, source }: Run,
  state: Checkpoint["state"],
  scale: number,
  calibrationRows = defaultCalibrationRows,
  options: CompileOptions = {},
): Promise<InferenceForm> {
  const { variant, config, constraint, recipe } = spec;
  const bare = trainedSae(spec, state, scale);
  const isCalibrated =
    variant.inference === "threshold" || (constraint.calibrate === true && variant.inference !== "topk");
  if (!isCalibrated) return { sae: bare, calibration: null };
  let { batch } = recipe;
  // Rows of training must not fill up a batch.
  while (batch > 1 && source.heldOutBatches(batch) === 0) batch = Math.ceil(batch / 2);
  const batches = Math.max(1, Math.min(Math.ceil(calibrationRows / batch), source.heldOutBatches(batch)));
  const calibration = await calibrateThreshold(bare, source, config.l0, batch, batches, options);
  const threshold = new Float32Array(spec.dSae).fill(calibration.threshold);
  return { sae: { ...bare, activation: { kind: "threshold" }, weights: { ...bare.weights, threshold } }, calibration };
}
