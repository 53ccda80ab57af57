import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  compileTrainingRule,
  densityFor,
  loadSae,
  recipeSchema,
  type Snapshot,
  train,
  variants,
} from "@sae/autoencoders";
import { baselines, constraintOf } from "@sae/baselines";
import { type ProviderChoice, SaeError, writeFileAtomic } from "@sae/core";
import { decoderDrift, histogram } from "@sae/metrics";
import { recoveredFractions, recoveryOf, type SyntheticModel } from "@sae/synthetic";
import { z } from "zod";
import { dataSchema, openData } from "./dataSource.js";
import { evaluateForward, evaluateSae, type SaeEvaluation } from "./evaluateSae.js";
import { defineJob } from "./job.js";
import { type FinalRecovery, finalRecovery } from "./recovery.js";

export const trainConfig = z.object({
  data: dataSchema,
  variant: z.string(),
  variantConfig: z.object({ l0: z.number().positive() }).loose(),
  baseline: z.string().default("trained"),
  baselineConfig: z.record(z.string(), z.unknown()).default({}),
  recipe: recipeSchema,
  logEvery: z.number().int().positive().default(100),
  /** Shares of the steps at which drift, EV and recovery are measured on the way. */
  snapshots: z.array(z.number().gt(0).max(1)).default([]),
  /** Held-out rows for the final evaluation, and for each snapshot. */
  evaluationRows: z.number().int().positive().default(131_072),
  snapshotRows: z.number().int().positive().default(16_384),
});

/** What is measured on the way: a point of the budget curve and of the lazy-training figure. */
export interface SnapshotResult {
  readonly step: number;
  readonly samples: number;
  /** Under the training rule, on held-out rows. */
  readonly explainedVariance: number;
  readonly l0: number;
  /** Decoder rows against their initial rows. */
  readonly drift: { readonly mean: number; readonly fractionAtLeastTau: number; readonly histogram: readonly number[] };
  /** Features with a latent at a cosine above each threshold; null when the true features are not known. */
  readonly recovered: readonly { readonly threshold: number; readonly count: number }[] | null;
  readonly meanBestCosine: number | null;
}

export interface TrainJobResult extends SaeEvaluation {
  readonly snapshots: readonly SnapshotResult[];
  readonly drift: SnapshotResult["drift"];
  readonly recovery: FinalRecovery | null;
  readonly dSae: number;
  readonly scale: number;
  readonly calibratedThreshold: number | null;
}

/** Bins of the cosine histograms: 0.02 wide over [−1, 1]. */
const driftOf = (W_dec: Float32Array, initial: Float32Array, dModel: number): SnapshotResult["drift"] => {
  const { cosines, mean, fractionAtLeastTau } = decoderDrift(W_dec, initial, dModel);
  return { mean, fractionAtLeastTau, histogram: histogram(cosines).counts };
};

export const findVariant = (name: string) => {
  const variant = variants.find((candidate) => candidate.name === name);
  if (!variant)
    throw new SaeError(
      "unknown_variant",
      `variant: needed one of ${variants.map((known) => known.name).join(", ")}, got '${name}'`,
    );
  return variant;
};

export const findBaseline = (name: string) => {
  const baseline = baselines.find((candidate) => candidate.name === name);
  if (!baseline)
    throw new SaeError(
      "unknown_baseline",
      `baseline: needed one of ${baselines.map((known) => known.name).join(", ")}, got '${name}'`,
    );
  return baseline;
};

/** Trains and evaluates one SAE. Leaves the SAE in its folder; a killed run continues from its checkpoint. */
export const trainJob = defineJob({
  kind: "train",
  version: 1,
  config: trainConfig,
  run: async (config, { folder, needs, local, report }): Promise<TrainJobResult> => {
    const { source, synthetic, close } = await openData(config.data, local.data);
    const variant = findVariant(config.variant);
    const constraint = constraintOf(findBaseline(config.baseline), config.baselineConfig);
    const steps = config.recipe.steps;
    const at = [...new Set(config.snapshots.map((share) => Math.max(1, Math.round(share * steps))))].filter(
      (step) => steps > 0 && step <= steps,
    );
    const saved = await readSnapshots(folder);
    const result = await train({
      variant,
      config: config.variantConfig,
      recipe: config.recipe,
      constraint,
      source,
      out: folder,
      logEvery: config.logEvery,
      snapshots: at,
      ...(needs[0] && { trained: (await loadSae(needs[0])).weights }),
      compile: { provider: (local.provider ?? "cpu") as ProviderChoice },
      onSnapshot: async (snapshot) => {
        if (saved.some(({ step }) => step === snapshot.step)) return;
        saved.push(await measure(snapshot, source, synthetic, config.snapshotRows));
        await writeFileAtomic(join(folder, "snapshots.json"), JSON.stringify(saved));
      },
      onProgress: ({ step, last, tokensPerSecond, msLeft }) => {
        const text = `EV ${last.explainedVariance.toFixed(3)}  L0 ${last.l0.toFixed(1)}  dead ${((100 * last.dead) / (constraint.width?.({ dModel: source.dModel, dSae: config.recipe.dSae }) ?? config.recipe.dSae)).toFixed(1)} %  ${Math.round(tokensPerSecond / 1000)}k tokens/s`;
        report({ done: step / steps, text, msLeft });
      },
    });
    report({ done: 1, text: "evaluating" });
    const lastL0 = result.log[result.log.length - 1]?.l0 ?? config.variantConfig.l0;
    const evaluation = await evaluateSae({ ...result, lastL0 }, source, config.evaluationRows);
    const recovery = synthetic && (await finalRecovery(result.sae.weights.W_dec, synthetic, folder));
    await close();
    return {
      ...evaluation,
      snapshots: saved.sort((a, b) => a.step - b.step),
      drift: driftOf(result.sae.weights.W_dec, result.initialDecoder, source.dModel),
      recovery,
      dSae: result.spec.dSae,
      scale: result.scale,
      calibratedThreshold: result.calibration?.threshold ?? null,
    };
  },
});

/** What an interrupted run has measured already. */
async function readSnapshots(folder: string): Promise<SnapshotResult[]> {
  const text = await readFile(join(folder, "snapshots.json"), "utf8").catch(() => "[]");
  return JSON.parse(text) as SnapshotResult[];
}

async function measure(
  snapshot: Snapshot,
  source: Parameters<typeof evaluateForward>[1],
  synthetic: SyntheticModel | null,
  rows: number,
): Promise<SnapshotResult> {
  const { spec, sae, scalars, step, last, initialDecoder } = snapshot;
  const { batch } = spec.recipe;
  const forward = await compileTrainingRule(spec, sae, scalars, densityFor(last.l0, spec.dSae));
  const batches = Math.max(1, Math.min(Math.ceil(rows / batch), source.heldOutBatches(batch)));
  const evaluation = await evaluateForward(forward, source, spec.dSae, batch, batches);
  await forward.dispose();
  const recovery = synthetic && recoveryOf(synthetic.directions, spec.dModel)(sae.weights.W_dec);
  return {
    step,
    samples: step * batch,
    explainedVariance: evaluation.explainedVariance,
    l0: evaluation.l0,
    drift: driftOf(sae.weights.W_dec, initialDecoder, spec.dModel),
    recovered:
      recovery && recoveredFractions(recovery.bestCosine).map(({ threshold, count }) => ({ threshold, count })),
    meanBestCosine: recovery?.mean ?? null,
  };
}
