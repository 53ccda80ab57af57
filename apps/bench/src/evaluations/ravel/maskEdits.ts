import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fold, type Key, readSafetensors, SaeError, writeFileAtomic, writeSafetensors } from "@sae/core";
import {
  type AttributePairs,
  activeFeatures,
  compileEditVectors,
  type EditVectors,
  entityFeatures,
  type Featurizer,
  type MaskRecipe,
  type MaskState,
  type MaskTrainer,
  openMaskTrainer,
  openPairScorer,
  type PairScorer,
  randomMask,
  type TrainedMask,
} from "@sae/editing";
import type { LanguageModel } from "@sae/models";
import type { JobContext } from "../../jobs/job.js";
import { programOptions } from "../../jobs/programOptions.js";
import { readJson } from "../../jobs/readJson.js";
import type { RavelFolder } from "./ravelFolder.js";

/** Edits of one attribute with one featurizer: a number from 0 to 1 for each of its test pairs. */
export interface AttributeEdits {
  readonly attribute: string;
  /** With a learned mask; the mean, where several were learned. */
  readonly trained: readonly number[];
  /** With no feature taken: the base, as the featurizer reconstructs it. Empty without random masks, as the next two. */
  readonly reconstruction: readonly number[];
  /** With every feature taken from the source. */
  readonly every: readonly number[];
  /** With masks of the same size drawn at random, mean over the draws. */
  readonly random: readonly number[];
  readonly masks: readonly { readonly size: number; readonly firstLoss: number; readonly lastLoss: number }[];
  /** Features that are not zero on some training prompt: those that a mask can choose from. */
  readonly active: number;
}

/** How edits are learned and scored. */
export interface EditOptions {
  readonly recipe: MaskRecipe;
  readonly keepError: boolean;
  /** Masks that are learned for each attribute. */
  readonly masks: number;
  /** Random masks for each of them; none, and no reconstruction alone and no edit of every feature, when it is 0. */
  readonly randomMasks: number;
  readonly newTokens: number;
  readonly key: Key;
}

const damaged = { code: "corrupt_checkpoint", remedy: "delete it to train these masks again" };

/**
 * Learns masks for every attribute and scores them. Every attribute that is done is kept in the job's folder under the given name, and so is the training
 * of a mask on its way: a killed job goes on where it was.
 *
 * @param report called with the share that is done
 */
export async function maskEdits(
  model: LanguageModel,
  { pairs, activations }: RavelFolder,
  featurizer: Featurizer,
  name: string,
  options: EditOptions,
  { folder, local, report }: Pick<JobContext, "folder" | "local" | "report">,
): Promise<AttributeEdits[]> {
  const compileOptions = { ...programOptions(local), keepError: options.keepError };
  const features = featurizer.trained ? null : await entityFeatures(featurizer, activations, compileOptions);
  const trainer = await openMaskTrainer(model, activations, featurizer, features, compileOptions);
  const scorer = await openPairScorer(model, activations.hook, pairs.prompts, {
    ...programOptions(local),
    newTokens: options.newTokens,
  });
  const vectorsOf = async (learned: Featurizer): Promise<EditVectors> =>
    compileEditVectors(
      activations,
      learned,
      features ?? (await entityFeatures(learned, activations, compileOptions)),
      compileOptions,
    );
  const results: AttributeEdits[] = [];
  try {
    for (const [i, own] of pairs.attributes.entries()) {
      const path = join(folder, `${name}-${i}.json`);
      let edits = (await readJson(path, damaged)) as AttributeEdits | null;
      if (edits === null) {
        const key = fold(options.key, name, own.attribute);
        const active = activeOf(own, features, featurizer);
        const onProgress = (done: number, text: string) =>
          report({ done: (i + done) / pairs.attributes.length, text: `${own.attribute}: ${text}` });
        edits = await attributeEdits(own, { ...options, key }, active, {
          dLatent: featurizer.dLatent,
          train: (mask) =>
            keptTraining(trainer, own, mask, { ...options, key }, join(folder, `${name}-training`), onProgress),
          scorer,
          vectorsOf,
        });
        await writeFileAtomic(path, JSON.stringify(edits));
      }
      results.push(edits);
    }
  } finally {
    await trainer.dispose();
    await scorer.dispose();
  }
  return results;
}

const activeOf = (
  { train }: AttributePairs,
  features: Awaited<ReturnType<typeof entityFeatures>> | null,
  { dLatent }: Featurizer,
): number[] => {
  if (features === null) return Array.from({ length: dLatent }, (_, i) => i);
  return activeFeatures(features, new Set(train.flatMap(({ base, source }) => [base, source])));
};

interface EditTools {
  readonly dLatent: number;
  readonly train: (mask: number) => Promise<TrainedMask>;
  readonly scorer: PairScorer;
  readonly vectorsOf: (learned: Featurizer) => Promise<EditVectors>;
}

async function attributeEdits(
  { attribute, test }: AttributePairs,
  { masks, randomMasks, key }: EditOptions,
  active: readonly number[],
  { dLatent, train, scorer, vectorsOf }: EditTools,
): Promise<AttributeEdits> {
  const learned: TrainedMask[] = [];
  const trained: Float32Array[] = [];
  const random: Float32Array[] = [];
  let ends: Pick<AttributeEdits, "reconstruction" | "every"> = { reconstruction: [], every: [] };
  for (let mask = 0; mask < masks; mask++) {
    const one = await train(mask);
    learned.push(one);
    const vectors = await vectorsOf(one.featurizer);
    const score = async (w: Float32Array) => scorer.score(test, await vectors.of(test, w));
    trained.push(await score(one.w));
    if (randomMasks > 0) {
      // A fixed featurizer's reconstruction and its edit of everything do not depend on the mask.
      if (mask === 0) {
        const [none, all] = [await score(one.w.map(() => 0)), await score(one.w.map(() => 1))];
        ends = { reconstruction: Array.from(none), every: Array.from(all) };
      }
      for (let draw = 0; draw < randomMasks; draw++) {
        random.push(await score(randomMask(dLatent, active, one.size, fold(key, "random", mask, draw))));
      }
    }
    await vectors.dispose();
  }
  return {
    attribute,
    trained: meanOf(trained),
    ...ends,
    random: randomMasks > 0 ? meanOf(random) : [],
    masks: learned.map(({ size, losses }) => ({ size, firstLoss: endMean(losses, 0), lastLoss: endMean(losses, -1) })),
    active: active.length,
  };
}

const meanOf = (lists: readonly Float32Array[]): number[] =>
  Array.from(lists[0], (_, i) => lists.reduce((sum, list) => sum + list[i], 0) / lists.length);

/** Mean of the first or the last tenth of a training's losses. */
function endMean(losses: readonly number[], end: 0 | -1): number {
  const count = Math.max(1, Math.round(losses.length / 10));
  const part = end === 0 ? losses.slice(0, count) : losses.slice(-count);
  return part.reduce((sum, loss) => sum + loss, 0) / part.length;
}

const keepEvery = 100;

/** Trains a mask; the state on the way is in a file, which is removed at the end, and where the training diverged: it would again. */
async function keptTraining(
  trainer: MaskTrainer,
  { attribute, train }: AttributePairs,
  mask: number,
  { recipe, key }: EditOptions,
  path: string,
  onProgress: (done: number, text: string) => void,
): Promise<TrainedMask> {
  const file = `${path}-${mask}.safetensors`;
  const training = trainer.train({
    pairs: train,
    recipe,
    key: fold(key, "mask", mask),
    from: await readState(file, attribute),
    keepEvery,
    keep: (state) => writeState(file, attribute, state),
    onProgress: ({ step, steps, loss }) => {
      if (step % 10 === 0) onProgress((0.8 * step) / steps, `step ${step} of ${steps}, loss ${loss.toFixed(2)}`);
    },
  });
  const result = await training.catch(async (error: unknown) => {
    if (error instanceof SaeError && error.code === "diverged") await rm(file, { force: true });
    throw error;
  });
  await rm(file, { force: true });
  return result;
}

async function writeState(file: string, attribute: string, { step, arrays, losses }: MaskState): Promise<void> {
  const tensors = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { dtype: "float32" as const, shape: [data.length], data }]),
  );
  await writeSafetensors(file, tensors, { attribute, step: `${step}`, losses: JSON.stringify(losses) });
}

/** The state that an interrupted job left of this attribute, or null. */
async function readState(file: string, attribute: string): Promise<MaskState | null> {
  const found = await readSafetensors(file).catch(() => null);
  if (found === null || found.metadata.attribute !== attribute) return null;
  const { step, losses = "[]" } = found.metadata;
  return {
    step: Number(step),
    losses: JSON.parse(losses) as number[],
    arrays: Object.fromEntries(Object.entries(found.tensors).map(([name, { data }]) => [name, data as Float32Array])),
  };
}
