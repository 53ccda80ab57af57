import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type HeldOutBatches,
  heldOutBatches,
  loadSae,
  type SaeWeights,
  type Snapshot,
  type TrainSpec,
  train,
} from "@sae/autoencoders";
import { type CompileOptions, SaeError, writeFileAtomic } from "@sae/core";
import { decoderDrift, histogram } from "@sae/metrics";
import { recoveredFractions, recoveryOf, type SyntheticModel } from "@sae/synthetic";
import { versions } from "../environment.js";
import { type OpenData, openData } from "./dataSource.js";
import { evaluateSae, evaluateTrainingRule, type SaeEvaluation, type TrainedSae } from "./evaluateSae.js";
import { knownVariants } from "./findByName.js";
import { readInitial, sha256OfFile } from "./initialFile.js";
import { defineJob, type JobContext } from "./job.js";
import { programOptions } from "./programOptions.js";
import { readJson } from "./readJson.js";
import { type FinalRecovery, finalRecovery } from "./recovery.js";
import { type TrainConfig, trainConfig } from "./trainConfig.js";
import { trainCost } from "./trainCost.js";
import { trainSpec } from "./trainSpec.js";

/** Where decoder rows stand against their initial ones. */
interface Drift {
  readonly mean: number;
  readonly fractionAtLeastTau: number;
  /** Counts of the cosines in bins 0.02 wide over [−1, 1]. */
  readonly histogram: readonly number[];
}

/** What is measured on the way: a point of the budget curve and of the lazy-training figure. */
export interface SnapshotResult {
  readonly step: number;
  readonly samples: number;
  /** Under the training rule, on held-out rows. */
  readonly explainedVariance: number;
  readonly l0: number;
  readonly drift: Drift;
  /** Features with a latent at a cosine above each threshold; null when the true features are not known. */
  readonly recovered: readonly { readonly threshold: number; readonly count: number }[] | null;
  readonly meanBestCosine: number | null;
}

/** What a training job leaves in result.json. */
export interface TrainJobResult extends SaeEvaluation {
  readonly snapshots: readonly SnapshotResult[];
  readonly drift: Drift;
  readonly recovery: FinalRecovery | null;
  readonly dSae: number;
  readonly scale: number;
  readonly calibratedThreshold: number | null;
}

/** Trains and evaluates one SAE. Leaves the SAE in its folder; a killed run continues from its checkpoint. */
export const trainJob = defineJob({
  kind: "train",
  version: 1,
  config: trainConfig,
  cost: trainCost,
  run: async (config, context): Promise<TrainJobResult> => {
    const data = await openData(config.data, context);
    try {
      return await trainAndEvaluate(config, context, data);
    } finally {
      await data.close();
    }
  },
});

async function trainAndEvaluate(config: TrainConfig, context: JobContext, data: OpenData): Promise<TrainJobResult> {
  const { source, synthetic } = data;
  // Before training: where there is nothing to evaluate on, it would be for nothing.
  const evaluated = heldOutBatches(source, config.evaluationRows, config.recipe.batch);
  const snapshots = await readSnapshots(context.folder);
  const trained =
    (await readTrained(config, context, source.dModel)) ?? (await trainSae(config, context, data, snapshots));
  const { drift, scale, calibratedThreshold } = trained;
  context.report({ done: 1, text: "evaluating" });
  const evaluation = await evaluateSae(trained, source, evaluated, programOptions(context.local));
  const recovery = synthetic && (await finalRecovery(trained.sae.weights.W_dec, synthetic, context.folder));
  return {
    ...evaluation,
    snapshots: snapshots.sort((a, b) => a.step - b.step),
    drift,
    recovery,
    dSae: trained.spec.dSae,
    scale,
    calibratedThreshold,
  };
}

/** What the evaluation needs to know of a training run. */
interface Trained extends TrainedSae {
  readonly drift: Drift;
  readonly scale: number;
  readonly calibratedThreshold: number | null;
}

/** Written when the training is over, so that an evaluation cut short does not cost the training. */
const trainedFile = (folder: string): string => join(folder, "trained.json");

const damaged = { code: "corrupt_checkpoint", remedy: "delete its folder to start this run again" };

type TrainedRecord = Omit<Trained, "spec" | "sae" | "lastL0"> & { readonly lastL0: number | null };

async function trainSae(
  config: TrainConfig,
  { folder, needs, local, report }: JobContext,
  { source, synthetic }: OpenData,
  saved: SnapshotResult[],
): Promise<Trained> {
  const spec = trainSpec(config, source.dModel);
  const { variant, constraint, recipe, dSae } = spec;
  const { steps } = recipe;
  const measured = heldOutBatches(source, config.snapshotRows, recipe.batch);
  const at = config.snapshots.map((share) => Math.max(1, Math.round(share * steps)));
  const result = await train({
    variant,
    config: config.variantConfig,
    recipe,
    constraint,
    source,
    out: folder,
    logEvery: config.logEvery,
    snapshots: [...new Set(at)].filter((step) => step <= steps),
    ...(config.calibrationRows !== undefined && { calibrationRows: config.calibrationRows }),
    ...(needs.trained !== undefined && { trained: (await loadSae(needs.trained, knownVariants())).weights }),
    ...(config.initial && { initial: await initialWeights(config.initial.sha256, local, spec) }),
    ...(local.checkpointMs !== undefined && { checkpointMs: Number(local.checkpointMs) }),
    compile: programOptions(local),
    onSnapshot: async (snapshot) => {
      if (saved.some(({ step }) => step === snapshot.step)) return;
      saved.push(await measure(snapshot, source, synthetic, measured, programOptions(local)));
      await writeFileAtomic(join(folder, "snapshots.json"), JSON.stringify(saved));
    },
    onProgress: ({ step, last, tokensPerSecond, msLeft }) => {
      const numbers = [
        `EV ${last.explainedVariance.toFixed(3)}`,
        `L0 ${last.l0.toFixed(1)}`,
        `dead ${((100 * last.dead) / dSae).toFixed(1)} %`,
        `${(tokensPerSecond / 1000).toFixed(tokensPerSecond < 10_000 ? 1 : 0)}k tokens/s`,
      ];
      report({ done: step / steps, text: numbers.join("  "), msLeft });
    },
  });
  await addEnvironment(folder, local);
  const record: TrainedRecord = {
    drift: driftOf(result.sae.weights.W_dec, result.initialDecoder, source.dModel),
    scalars: result.scalars,
    lastL0: result.log[result.log.length - 1]?.l0 ?? null,
    scale: result.scale,
    calibratedThreshold: result.calibration?.threshold ?? null,
  };
  await writeFileAtomic(trainedFile(folder), `${JSON.stringify(record)}\n`);
  return { ...record, spec: result.spec, sae: result.sae, lastL0: record.lastL0 ?? Number.POSITIVE_INFINITY };
}

/** A training run that is over, or null. */
async function readTrained(config: TrainConfig, { folder }: JobContext, dModel: number): Promise<Trained | null> {
  const record = (await readJson(trainedFile(folder), damaged)) as TrainedRecord | null;
  if (record === null) return null;
  const lastL0 = record.lastL0 ?? Number.POSITIVE_INFINITY;
  return { ...record, lastL0, spec: trainSpec(config, dModel), sae: await loadSae(folder, knownVariants()) };
}

async function initialWeights(
  sha256: string,
  { initial: path }: JobContext["local"],
  spec: TrainSpec,
): Promise<Partial<SaeWeights>> {
  if (path === undefined) {
    throw new SaeError("missing_input", "starting weights: needed the path of their file; pass --init FILE");
  }
  if ((await sha256OfFile(path)) !== sha256) {
    throw new SaeError(
      "data_changed",
      `${path}: its contents changed since the run was planned; start the command again`,
    );
  }
  return readInitial(path, spec);
}

/** Adds to run.json what the bits may depend on besides the recipe. */
async function addEnvironment(folder: string, { provider = "cpu", threads = "1" }: JobContext["local"]): Promise<void> {
  const path = join(folder, "run.json");
  const run = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  const environment = { ...versions(), provider, threads: Number(threads) };
  await writeFileAtomic(path, `${JSON.stringify({ ...run, environment }, null, 2)}\n`);
}

function driftOf(W_dec: Float32Array, initial: Float32Array, dModel: number): Drift {
  const { cosines, mean, fractionAtLeastTau } = decoderDrift(W_dec, initial, dModel);
  return { mean, fractionAtLeastTau, histogram: histogram(cosines).counts };
}

/** What an interrupted run has measured already. */
const readSnapshots = async (folder: string): Promise<SnapshotResult[]> =>
  ((await readJson(join(folder, "snapshots.json"), damaged)) as SnapshotResult[] | null) ?? [];

async function measure(
  { spec, sae, scalars, step, last, initialDecoder }: Snapshot,
  source: OpenData["source"],
  synthetic: SyntheticModel | null,
  on: HeldOutBatches,
  options: CompileOptions,
): Promise<SnapshotResult> {
  const { explainedVariance, l0 } = await evaluateTrainingRule(
    { spec, sae, scalars, lastL0: last.l0 },
    source,
    on,
    options,
  );
  const recovery = synthetic && recoveryOf(synthetic.directions, spec.dModel)(sae.weights.W_dec);
  return {
    step,
    samples: step * spec.recipe.batch,
    explainedVariance,
    l0,
    drift: driftOf(sae.weights.W_dec, initialDecoder, spec.dModel),
    recovered:
      recovery && recoveredFractions(recovery.bestCosine).map(({ threshold, count }) => ({ threshold, count })),
    meanBestCosine: recovery ? recovery.mean : null,
  };
}
