import {
  type ActivationSource,
  compileSae,
  compileTrainingRule,
  densityFor,
  type Forward,
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

export interface SaeEvaluation {
  /** Under the rule for use: thresholds, no look at the rest of the batch. */
  readonly inference: RuleEvaluation;
  /** Under the rule of training. */
  readonly training: RuleEvaluation;
}

/** Both rules, on the same held-out rows. */
export async function evaluateSae(
  trained: { spec: TrainSpec; sae: Sae; scalars: Readonly<Record<string, number>>; lastL0: number },
  source: ActivationSource,
  rows: number,
  options: CompileOptions = {},
): Promise<SaeEvaluation> {
  const { spec, sae, scalars, lastL0 } = trained;
  const { batch } = spec.recipe;
  const batches = Math.max(1, Math.min(Math.ceil(rows / batch), source.heldOutBatches(batch)));
  const evaluate = async (forward: Forward) => {
    const evaluation = await evaluateForward(forward, source, spec.dSae, batch, batches);
    await forward.dispose();
    return evaluation;
  };
  return {
    inference: await evaluate(await compileSae(sae, batch, options)),
    training: await evaluate(await compileTrainingRule(spec, sae, scalars, densityFor(lastL0, spec.dSae), options)),
  };
}
