import { biasCorrections, type CompileOptions, type Feed, fold, type Key, SaeError, type Value } from "@sae/core";
import { cut, type LanguageModel, tokenBatch } from "@sae/models";
import { checkFeaturizer, denseFeatures, type EntityFeatures } from "./entityFeatures.js";
import { type Featurizer, fixed } from "./featurizer.js";
import { checkMaskRecipe, type MaskRecipe, maskSteps, temperatureAt } from "./maskRecipe.js";
import { compileMaskStep, firstLearned, learnedArray, maskName } from "./maskStep.js";
import { pairBatches } from "./pairBatches.js";
import type { EditPair } from "./pairs.js";
import { type PromptActivations, type PromptTokens, readActivations } from "./promptActivations.js";

/** What stands between two steps: everything that the next one depends on. */
export interface MaskState {
  /** Steps made. */
  readonly step: number;
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** Loss of each step, in nats. */
  readonly losses: readonly number[];
}

/** A mask that was learned. */
export interface TrainedMask {
  /** 1 where the source's feature is taken, 0 where the base's stays [dLatent]. */
  readonly w: Float32Array;
  /** Features that are taken from the source. */
  readonly size: number;
  /** The featurizer with what it learned, fixed. */
  readonly featurizer: Featurizer;
  /** Loss of each step, in nats. */
  readonly losses: readonly number[];
}

/** A training of one mask. */
export interface MaskTraining {
  readonly pairs: readonly Pick<EditPair, "base" | "source" | "answer">[];
  readonly recipe: MaskRecipe;
  /** Stream of the batches. */
  readonly key: Key;
  /** Where to go on; from the beginning when left out. */
  readonly from?: MaskState | null;
  /** Called after every `keepEvery` steps with a state to go on from. */
  readonly keep?: (state: MaskState) => Promise<void>;
  readonly keepEvery?: number;
  /** Told after every step. */
  readonly onProgress?: (progress: { step: number; steps: number; loss: number }) => void;
}

/** Learns masks for one featurizer at one hook. */
export interface MaskTrainer {
  /** @throws SaeError `bad_config`, `too_few_pairs`, `diverged` */
  train(training: MaskTraining): Promise<TrainedMask>;
  /** Frees the programs. */
  dispose(): Promise<void>;
}

/**
 * Compiles the training of masks: multi-task differential binary masking (MDBM; Huang et al. 2024, arXiv 2402.17700, as in SAEBench, Karvonen et al. 2025,
 * arXiv 2503.09532), or MDAS for a featurizer that learns with the mask. The gradient goes through the suffix of the model; nothing of the model or of a
 * fixed featurizer changes. The same key gives the same bits, interrupted or not.
 *
 * @param features the featurizer's features of all prompts; null for one that is learned
 * @throws SaeError `shape_mismatch`, `unknown_hook`
 */
export async function openMaskTrainer(
  model: LanguageModel,
  activations: PromptActivations,
  featurizer: Featurizer,
  features: EntityFeatures | null,
  { keepError = false, ...options }: CompileOptions & { readonly keepError?: boolean } = {},
): Promise<MaskTrainer> {
  checkFeaturizer(featurizer, activations);
  const at = cut(model, activations.hook, options);
  const program = await compileMaskStep(at, featurizer, keepError, options);
  const feedsOf = batchFeeds(model, activations, featurizer, features);

  return {
    train: async ({ pairs, recipe, key, from, keep, keepEvery = 100, onProgress }) => {
      checkMaskRecipe(recipe);
      if (pairs.length === 0) throw new SaeError("too_few_pairs", "mask: needed pairs to train on, got none");
      const steps = maskSteps(recipe, pairs.length);
      const perEpoch = steps / recipe.epochs;
      const lengths = pairs.map(({ base }) => (activations.prompts[base] as PromptTokens).ids.length);
      let arrays = from?.arrays ?? firstLearned(featurizer);
      const losses = [...(from?.losses ?? [])];
      let epoch = -1;
      let batches: number[][] = [];
      for (let step = from?.step ?? 0; step < steps; step++) {
        if (Math.floor(step / perEpoch) !== epoch) {
          epoch = Math.floor(step / perEpoch);
          batches = pairBatches(lengths, recipe.batch, fold(key, "epoch", epoch));
        }
        const batch = (batches[step % perEpoch] as number[]).map((i) => pairs[i] as (typeof pairs)[number]);
        const { loss, ...next } = await program.run({
          ...feedsOf(batch),
          ...arrays,
          ...scalars({ lr: recipe.lr, temperature: temperatureAt(recipe, step, steps), ...biasCorrections(step + 1) }),
        });
        arrays = Object.fromEntries(Object.entries(next).map(([name, { data }]) => [name, data as Float32Array]));
        losses.push(Number(loss?.data[0]));
        checkFinite(losses, step);
        if ((step + 1) % keepEvery === 0 && step + 1 < steps)
          await keep?.({ step: step + 1, arrays, losses: [...losses] });
        onProgress?.({ step: step + 1, steps, loss: losses[step] as number });
      }
      const w = learnedArray(arrays, maskName).map((logit) => (logit > 0 ? 1 : 0));
      const learned = Object.keys(featurizer.trained ?? {}).map((name) => [name, learnedArray(arrays, name)] as const);
      return {
        w,
        size: w.reduce((total, taken) => total + taken, 0),
        featurizer: fixed(featurizer, Object.fromEntries(learned)),
        losses,
      };
    },
    dispose: async () => {
      await program.dispose();
      await at.dispose();
    },
  };
}

const scalars = (values: Readonly<Record<string, number>>): Record<string, Feed> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));

function checkFinite(losses: readonly number[], step: number): void {
  if (Number.isFinite(losses[step])) return;
  throw new SaeError(
    "diverged",
    `mask: needed a finite loss, got ${losses[step]} at step ${step}; lower the learning rate`,
  );
}

type TrainingPair = MaskTraining["pairs"][number];

/** What a step needs of its pairs: the base prompts side by side, their activations, and both features at the entity. */
function batchFeeds(
  { sizes }: LanguageModel,
  activations: PromptActivations,
  { trained }: Featurizer,
  features: EntityFeatures | null,
): (pairs: readonly TrainingPair[]) => Record<string, Feed> {
  if (!trained && features === null) {
    throw new SaeError("internal", "mask: needed the features of a featurizer that is fixed, got none");
  }
  const { prompts, dModel } = activations;
  const reader = readActivations(activations);
  return (pairs) => {
    const bases = pairs.map(({ base }) => base);
    const sources = pairs.map(({ source }) => source);
    const { tokens, lengths } = tokenBatch(
      bases.map((base) => (prompts[base] as PromptTokens).ids),
      sizes,
    );
    const seq = tokens.shape[1] as number;
    const x = new Float32Array(pairs.length * seq * dModel);
    bases.forEach((base, row) => {
      x.set(reader.all(base), row * seq * dModel);
    });
    const atEntity = (data: Float32Array): Value => ({ data, shape: [pairs.length, data.length / pairs.length] });
    return {
      tokens,
      x: { data: x, shape: [pairs.length, seq, dModel] },
      position: column(bases.map((base) => (prompts[base] as PromptTokens).position)),
      last: column(lengths.map((length) => length - 1)),
      target: column(pairs.map(({ answer }) => answer[0] as number)),
      ...(features === null || trained
        ? { xSource: atEntity(reader.atEntity(sources)) }
        : {
            fBase: atEntity(denseFeatures(features, bases)),
            fSource: atEntity(denseFeatures(features, sources)),
          }),
    };
  };
}

const column = (values: readonly number[]): Value => ({
  data: BigInt64Array.from(values, BigInt),
  shape: [values.length, 1],
});
