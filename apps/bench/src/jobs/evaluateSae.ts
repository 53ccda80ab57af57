import {
  type ActivationSource,
  compileSae,
  compileTrainingRule,
  densityFor,
  type Forward,
  type HeldOutBatches,
  type Sae,
  type TrainSpec,
} from "@sae/autoencoders";
import type { CompileOptions } from "@sae/core";
import {
  deadFraction,
  denseFraction,
  explainedVariance,
  explainedVarianceLegacy,
  l0,
  meanSquaredError,
} from "@sae/metrics";

/** How well an SAE reconstructs held-out activations under one rule for its active latents. */
export interface RuleEvaluation {
  /** Eq. 5 over all rows. */
  readonly explainedVariance: number;
  /** Eq. 5 of up to eight parts of the rows, in whole batches and as equal as these allow: their spread is the uncertainty of one run's number. */
  readonly explainedVarianceParts: readonly number[];
  /** Mean per-token ratio (SAEBench's plots), for comparison with other tools. */
  readonly explainedVarianceLegacy: number;
  readonly mse: number;
  /** Mean number of active latents per input. */
  readonly l0: number;
  /** Share of the latents that never fired on these rows. */
  readonly dead: number;
  /** Share of the latents that fired on more than 10 % of the rows. */
  readonly dense: number;
  readonly rows: number;
}

const parts = 8;

/** Evaluates one compiled forward pass on held-out batches. */
export async function evaluateForward(
  forward: Forward,
  source: ActivationSource,
  dSae: number,
  batch: number,
  batches: number,
): Promise<RuleEvaluation> {
  const { dModel } = source;
  const x = new Float32Array(batch * dModel);
  const whole = [explainedVariance, explainedVarianceLegacy, meanSquaredError].map((metric) => metric.start(dModel));
  const part = Array.from({ length: Math.min(parts, batches) }, () => explainedVariance.start(dModel));
  const counts = new Float64Array(dSae);
  for (let index = 0; index < batches; index++) {
    await source.heldOutBatch(index, x);
    const { xHat, fired } = await forward.run(x);
    for (const metric of whole) metric.add(x, xHat);
    part[Math.floor((index * part.length) / batches)].add(x, xHat);
    for (let latent = 0; latent < dSae; latent++) counts[latent] += fired[latent];
  }
  const firings = { samples: batch * batches, counts };
  const [ev, legacy, mse] = whole.map((metric) => metric.value());
  return {
    explainedVariance: ev,
    explainedVarianceParts: part.map((metric) => metric.value()),
    explainedVarianceLegacy: legacy,
    mse,
    l0: l0(firings),
    dead: deadFraction(firings).fraction,
    dense: denseFraction(firings).fraction,
    rows: batch * batches,
  };
}

/** An SAE and what the rule of its training depends on besides. */
export interface TrainedSae {
  readonly spec: TrainSpec;
  /** For raw activations. */
  readonly sae: Sae;
  readonly scalars: Readonly<Record<string, number>>;
  /** Mean active latents of the last step; Infinity when there was none. */
  readonly lastL0: number;
}

/** Evaluates an SAE under the rule of its training, which chooses in batches of the size that they are read in. */
export async function evaluateTrainingRule(
  { spec, sae, scalars, lastL0 }: TrainedSae,
  source: ActivationSource,
  { batch, batches }: HeldOutBatches,
  options: CompileOptions = {},
): Promise<RuleEvaluation> {
  const inBatches: TrainSpec = { ...spec, recipe: { ...spec.recipe, batch } };
  const forward = await compileTrainingRule(inBatches, sae, scalars, densityFor(lastL0, spec.dSae), options);
  const evaluation = await evaluateForward(forward, source, spec.dSae, batch, batches);
  await forward.dispose();
  return evaluation;
}

export interface SaeEvaluation {
  /**
   * Under the rule for use: thresholds, no look at the rest of the batch. Where the threshold was calibrated, it was on these rows: see `evaluateSae`.
   */
  readonly inference: RuleEvaluation;
  /** Under the rule of training. */
  readonly training: RuleEvaluation;
}

/**
 * Both rules, on the same held-out rows.
 *
 * No weight has seen them, but a calibrated threshold has: it is chosen on the first held-out batches (`inferenceForm` of @sae/autoencoders), and these are
 * the same, where both numbers of rows are left at their defaults all of them. So L0 under the rule for use meets the target by construction and does not
 * show what it would be on other activations, and the explained variance is that of a threshold fitted to these rows.
 */
export async function evaluateSae(
  trained: TrainedSae,
  source: ActivationSource,
  on: HeldOutBatches,
  options: CompileOptions = {},
): Promise<SaeEvaluation> {
  const { spec, sae } = trained;
  const forward = await compileSae(sae, on.batch, options);
  const inference = await evaluateForward(forward, source, spec.dSae, on.batch, on.batches);
  await forward.dispose();
  return { inference, training: await evaluateTrainingRule(trained, source, on, options) };
}
