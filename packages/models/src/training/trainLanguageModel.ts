import { createHash } from "node:crypto";
import { join } from "node:path";
import { biasCorrections, openRunLog, SaeError, scheduleFactor } from "@sae/core";
import type { AnyFamily } from "../defineFamily.js";
import { type Disposable, disposeAll } from "../disposeAll.js";
import { weightTypes } from "./gradientProgram.js";
import { initialWeights } from "./initialWeights.js";
import { localShards, type ShardGradient, type ShardRunner, type WeightArrays } from "./shardRunner.js";
import { readTrainingCheckpoint, type TrainingCheckpoint, writeTrainingCheckpoint } from "./trainingCheckpoint.js";
import { contextsOf, type TrainingRecipe, type TrainingRecipeInput, trainingRecipe } from "./trainingRecipe.js";
import { compileUpdate, stateTypes } from "./updateProgram.js";

/** Where the contexts of a step come from. */
export interface TrainingContexts {
  /** What identifies the texts and their order. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Fills `out` [contexts, nCtx + 1] with the contexts of a step, each with the token that follows it. The same step always gives the same. */
  contexts(step: number, out: Int32Array): void | Promise<void>;
}

/** One line of the log. `measured` holds what `measure` returned after this step. */
export interface TrainingLine {
  /** Counted from 0. */
  readonly step: number;
  /** Mean cross entropy of the step's tokens in nats, before the step. */
  readonly loss: number;
  /** Norm of the gradient before it was clipped. */
  readonly gradNorm: number;
  readonly lr: number;
  readonly measured?: Readonly<Record<string, number>>;
}

/** How far a run is. */
export interface TrainingProgress {
  readonly steps: number;
  readonly line: TrainingLine;
  /** Of this process: the time of earlier ones is not known. */
  readonly tokensPerSecond: number;
  readonly msLeft: number;
}

/** What {@link trainLanguageModel} needs to know. */
export interface TrainLanguageModelOptions {
  readonly family: AnyFamily;
  /** The family's own config, parsed. */
  readonly config: unknown;
  readonly recipe: TrainingRecipeInput;
  readonly source: TrainingContexts;
  /** Folder for the checkpoint and `log.jsonl`; nothing is written when left out. A run that was stopped goes on from there. */
  readonly out?: string;
  /** Steps between two checkpoints. */
  readonly checkpointEvery?: number;
  /** Steps after which this call returns although the run is not over; the checkpoint is written. */
  readonly stopAfter?: number;
  /** Computes the shards of a step; one after another in this thread when left out. */
  readonly runner?: ShardRunner;
  /** Further numbers for the log, computed every so many steps and after the last. */
  readonly measure?: {
    readonly every: number;
    /** From the weights to named numbers. */
    readonly run: (weights: WeightArrays) => Promise<Record<string, number>>;
  };
  /** Called after every step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** A trained model, or how far it is when `stopAfter` ended the call. */
export interface TrainedLanguageModel {
  readonly weights: WeightArrays;
  readonly log: readonly TrainingLine[];
  /** Steps made. */
  readonly step: number;
}

/**
 * Trains a language model of any family: gradients of the shards of a step, their mean clipped, AdamW with warm-up and linear decay.
 *
 * The same options give the same bits, whether the run was interrupted or not and however many workers computed its shards. A run that was
 * stopped may go on with another end (`steps`, `decay`) as long as its learning rate has not begun to fall: the bits are those of a run that had
 * that end from the start.
 *
 * @throws SaeError `bad_config`, `other_run`, `corrupt_checkpoint`, `bad_token`, `diverged`
 */
export async function trainLanguageModel(options: TrainLanguageModelOptions): Promise<TrainedLanguageModel> {
  const { family, config, source, measure } = options;
  const recipe = parseRecipe(options.recipe, family.sizes(config).nCtx);
  const names = Object.keys(weightTypes(family, config));
  const weightsOf = (state: TrainingCheckpoint["state"]) =>
    Object.fromEntries(names.map((name) => [name, state[name] as Float32Array]));
  const fingerprint = fingerprintOf(options, recipe);
  const checkpointPath = options.out === undefined ? undefined : join(options.out, "checkpoint.safetensors");
  const constantUntil = decayStart(recipe);
  const known = checkpointPath === undefined ? null : await readTrainingCheckpoint(checkpointPath, fingerprint);
  if (known) checkSchedule(known, constantUntil);
  const begin = known ?? { ...firstCheckpoint(family, config, recipe), constantUntil };
  const logPath = options.out === undefined ? undefined : join(options.out, "log.jsonl");
  const contexts = new Int32Array(contextsOf(recipe) * (recipe.nCtx + 1));
  const perShard = contexts.length / recipe.shards;
  const end = Math.min(recipe.steps, begin.step + (options.stopAfter ?? Number.POSITIVE_INFINITY));
  const { checkpointEvery = 50 } = options;
  let { state } = begin;
  const opened: Disposable[] = [];
  const open = <T extends Disposable>(one: T): T => {
    opened.push(one);
    return one;
  };
  try {
    const log = await openRunLog<TrainingLine>(logPath, begin.logLines);
    open({ dispose: log.close });
    // A runner that was given is the caller's, who may have more to do with it.
    const shardSpec = { family, config, rows: recipe.rows, nCtx: recipe.nCtx };
    const runner = options.runner ?? open(await localShards(shardSpec));
    const update = open(await compileUpdate(family, config, recipe));
    const startedAt = performance.now();
    for (let step = begin.step; step < end; step++) {
      await source.contexts(step, contexts);
      const shards = Array.from({ length: recipe.shards }, (_, i) =>
        contexts.subarray(i * perShard, (i + 1) * perShard),
      );
      const parts = await runner.run(weightsOf(state), shards);
      const lr = recipe.lr * scheduleFactor(step, recipe);
      const { gradNorm, ...next } = await update.run({ ...state, ...updateFeeds(parts, step, lr, recipe) });
      state = Object.fromEntries(Object.entries(next).map(([name, { data }]) => [name, data as Float32Array]));
      const loss = parts.reduce((total, part) => total + part.loss, 0) / (recipe.shards * recipe.pieces);
      const line: TrainingLine = { step, loss, gradNorm: Number(gradNorm?.data[0]), lr };
      checkFinite(line);
      const measures = measure && ((step + 1) % measure.every === 0 || step + 1 === recipe.steps);
      const measured = measures ? { measured: await measure.run(weightsOf(state)) } : {};
      await log.append([{ ...line, ...measured }]);
      if (checkpointPath !== undefined && ((step + 1) % checkpointEvery === 0 || step + 1 === end)) {
        await writeTrainingCheckpoint(
          checkpointPath,
          { step: step + 1, state, logLines: log.lines.length, constantUntil },
          fingerprint,
        );
      }
      const seconds = (performance.now() - startedAt) / 1000;
      const done = step + 1 - begin.step;
      options.onProgress?.({
        steps: recipe.steps,
        line: { ...line, ...measured },
        tokensPerSecond: (done * contextsOf(recipe) * recipe.nCtx) / seconds,
        msLeft: ((recipe.steps - step - 1) / done) * seconds * 1000,
      });
    }
    return { weights: weightsOf(state), log: log.lines, step: Math.max(end, begin.step) };
  } finally {
    await disposeAll(opened);
  }
}

function parseRecipe(input: TrainingRecipeInput, nCtx: number): TrainingRecipe {
  const result = trainingRecipe.safeParse(input);
  if (!result.success) {
    const issues = result.error.issues
      .map((issue) => `${issue.path.join(".") || "value"}: ${issue.message}`)
      .join("; ");
    throw new SaeError("bad_config", `training recipe: ${issues}`);
  }
  if (result.data.nCtx > nCtx) {
    throw new SaeError(
      "bad_config",
      `training recipe: nCtx needed at most the model's ${nCtx}, got ${result.data.nCtx}`,
    );
  }
  return result.data;
}

/** First step whose learning rate is lower than that of the step before. */
const decayStart = ({ steps, decay }: TrainingRecipe): number => steps - Math.round(decay * steps);

/** The end of a run may be moved as long as neither the old end nor the new one has made a difference. */
function checkSchedule({ step, constantUntil: before }: TrainingCheckpoint, constantUntil: number): void {
  if (before === constantUntil || step <= Math.min(before, constantUntil)) return;
  throw new SaeError(
    "other_run",
    `training: at step ${step} the end of the run can no longer be moved (the learning rate fell from step ${before} on, now it would from ${constantUntil}); ` +
      `restore steps and decay, or use another folder`,
  );
}

/** Of everything that the result depends on, save where it ends. */
const fingerprintOf = (
  { family, config, source, measure }: TrainLanguageModelOptions,
  { steps: _steps, decay: _decay, ...recipe }: TrainingRecipe,
): string =>
  createHash("sha256")
    .update(
      JSON.stringify({
        family: family.name,
        config,
        recipe,
        source: source.identity,
        measureEvery: measure?.every ?? 0,
      }),
    )
    .digest("hex");

function firstCheckpoint(
  family: AnyFamily,
  config: unknown,
  { seed, initialScale: scale }: TrainingRecipe,
): Omit<TrainingCheckpoint, "constantUntil"> {
  const weights = initialWeights(family, config, { seed, scale });
  const state = Object.entries(stateTypes(family, config)).map(([name, { shape }]) => [
    name,
    weights[name] ?? new Float32Array((shape as number[]).reduce((product, dim) => product * dim, 1)),
  ]);
  return { step: 0, state: Object.fromEntries(state), logLines: 0 };
}

function updateFeeds(parts: readonly ShardGradient[], step: number, lr: number, { beta1, beta2 }: TrainingRecipe) {
  const { correction1, correction2 } = biasCorrections(step + 1, beta1, beta2);
  const gradients = parts.flatMap(({ gradient }, shard) =>
    Object.entries(gradient).map(([name, data]) => [`d${shard}.${name}`, data]),
  );
  return {
    ...(Object.fromEntries(gradients) as Record<string, Float32Array>),
    lr: Float32Array.of(lr),
    correction1: Float32Array.of(correction1),
    correction2: Float32Array.of(correction2),
  };
}

function checkFinite({ step, loss, gradNorm }: TrainingLine): void {
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return;
  throw new SaeError(
    "diverged",
    `training diverged: the loss of step ${step} is ${loss}, the norm of its gradient ${gradNorm}; lower lr`,
  );
}
