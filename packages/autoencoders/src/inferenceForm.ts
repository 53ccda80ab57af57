import type { CompileOptions } from "@sae/core";
import { type Calibration, calibrateThreshold } from "./calibrate.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Sae } from "./sae.js";
import type { Run } from "./startRun.js";
import { trainedSae } from "./trainedSae.js";

/** The SAE of a finished run and how its threshold was chosen, where it has a calibrated one. */
export interface InferenceForm {
  readonly sae: Sae;
  readonly calibration: Calibration | null;
}

/**
 * The usable SAE: raw scale, inference rule, threshold calibrated where the rule has one.
 *
 * The threshold is chosen on the first held-out batches, the same that an evaluation on held-out activations begins with. An L0 that is measured on them
 * meets the target by construction, and says nothing of how well the threshold carries over to other activations.
 */
export async function inferenceForm(
  { spec, source, calibratedOn }: Run,
  state: Checkpoint["state"],
  scale: number,
  options: CompileOptions = {},
): Promise<InferenceForm> {
  const bare = trainedSae(spec, state, scale);
  if (calibratedOn === null) return { sae: bare, calibration: null };
  const { batch, batches } = calibratedOn;
  const calibration = await calibrateThreshold(bare, source, spec.config.l0, batch, batches, options);
  const threshold = new Float32Array(spec.dSae).fill(calibration.threshold);
  return { sae: { ...bare, activation: { kind: "threshold" }, weights: { ...bare.weights, threshold } }, calibration };
}
