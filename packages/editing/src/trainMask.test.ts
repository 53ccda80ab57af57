/*
 * Training against a plain reference: every pair alone, the whole model each time, features made where they are needed, nothing kept.
 */
import {
  arangeLike,
  type CompileOptions,
  compile,
  constant,
  equal,
  float32,
  key,
  reshape,
  type Tensor,
  where,
} from "@sae/core";
import { generate, type LanguageModel, runModel } from "@sae/models";
import { beforeAll, describe, expect, it, test } from "vitest";
import { editScores, scoredPairs } from "./editScores.js";
import { compileEditVectors } from "./editVectors.js";
import { activeFeatures, type EntityFeatures, entityFeatures } from "./entityFeatures.js";
import { type Featurizer, neurons, rotatedBasis } from "./featurizer.js";
import { countryFeatures, knowingHook, knowingModel, rotatedKnowingModel } from "./knowingModel.testkit.js";
import { knowingPairs, newTokens } from "./knowingPairs.testkit.js";
import type { KnownPrompt } from "./knownPrompts.js";
import { type MaskRecipe, maskRecipe, maskSteps, temperatureAt } from "./maskRecipe.js";
import { pairBatches } from "./pairBatches.js";
import type { EditPair } from "./pairs.js";
import { plantedFeaturizer } from "./plantedFeaturizer.testkit.js";
import { openPairScorer, scoreUnedited } from "./scorePairs.js";
import { type MaskState, openMaskTrainer } from "./trainMask.js";

const options: CompileOptions = { threads: 1 };
const model = knowingModel();
const { dModel } = model.sizes;
type Made = Awaited<ReturnType<typeof knowingPairs>>;
let made: Made;
let train: readonly EditPair[];
let testPairs: readonly EditPair[];
beforeAll(async () => {
  made = await knowingPairs(model, { train: 60, test: 12 });
  [{ train, test: testPairs }] = made.attributes as [Made["attributes"][number]];
});

/** What stands at the entity of a prompt, from a run of its own. */
async function activationAt({ ids, position }: KnownPrompt): Promise<Float32Array> {
  const { at } = await runModel(model, [ids], { hooks: [knowingHook], ...options });
  return (at[knowingHook].data as Float32Array).slice(position * dModel, (position + 1) * dModel);
}

/** The edit by its definition: z = decode((1 − w) f_base + w f_source) [+ x_base − decode(f_base)]. */
async function plainEdit(
  featurizer: Featurizer,
  w: Float32Array,
  keepError: boolean,
  pair: EditPair,
): Promise<Float32Array> {
  const weights = Object.entries(featurizer.weights);
  const types = Object.fromEntries(weights.map(([name, { shape }]) => [name, float32(...shape)]));
  const feeds = Object.fromEntries(weights.map(([name, { data }]) => [name, data]));
  const encoder = await compile({ x: float32(1, dModel), ...types }, ({ x, ...p }) => ({ f: featurizer.encode(x, p) }));
  const decoder = await compile({ f: float32(1, featurizer.dLatent), ...types }, ({ f, ...p }) => ({
    x: featurizer.decode(f, p),
  }));
  const encode = async (x: Float32Array) => (await encoder.run({ ...feeds, x })).f.data as Float32Array;
  const decode = async (f: Float32Array) => (await decoder.run({ ...feeds, f })).x.data as Float32Array;
  const [xBase, xSource] = [
    await activationAt(made.prompts[pair.base] as KnownPrompt),
    await activationAt(made.prompts[pair.source] as KnownPrompt),
  ];
  const [fBase, fSource] = [await encode(xBase), await encode(xSource)];
  const z = await decode(
    fBase.map((value, i) => (1 - (w[i] as number)) * value + (w[i] as number) * (fSource[i] as number)),
  );
  const explained = await decode(fBase);
  await encoder.dispose();
  await decoder.dispose();
  return keepError ? z.map((value, i) => value + (xBase[i] as number) - (explained[i] as number)) : z;
}

/** −log p of the target after the base prompt with the edit, from the logits of the whole model. */
async function plainLoss(featurizer: Featurizer, w: Float32Array, keepError: boolean, pair: EditPair): Promise<number> {
  const { ids, position } = made.prompts[pair.base] as KnownPrompt;
  const z = await plainEdit(featurizer, w, keepError, pair);
  const edits = {
    [knowingHook]: (x: Tensor) => {
      const here = equal(reshape(arangeLike(x, 1), [1, "seq", 1]), constant([position], [1], "int64"));
      return where(here, constant(z), x);
    },
  };
  const { logits } = await runModel(model, [ids], { edits, ...options });
  const last = Array.from(logits.data as Float32Array).slice(-model.sizes.dVocab);
  const largest = Math.max(...last);
  const total = last.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return Math.log(total) + largest - (last[pair.answer[0] as number] as number);
}

const planted = plantedFeaturizer(dModel, 24);
const featuresOf = (featurizer: Featurizer): Promise<EntityFeatures> =>
  entityFeatures(featurizer, made.activations, options);
const quick: MaskRecipe = { ...maskRecipe, epochs: 2, batch: 7, lr: 0.05 };

describe.each([
  { featurizer: planted, keepError: false },
  { featurizer: planted, keepError: true },
  { featurizer: neurons(dModel), keepError: false },
])("$featurizer.name, error kept: $keepError", ({ featurizer, keepError }) => {
  it("starts with the loss of a pair of each kind taken alone, at half of each feature", async () => {
    const trainer = await openMaskTrainer(model, made.activations, featurizer, await featuresOf(featurizer), {
      ...options,
      keepError,
    });
    const { losses } = await trainer.train({
      pairs: train.slice(59, 61),
      recipe: { ...quick, epochs: 1 },
      key: key(0),
    });
    await trainer.dispose();
    const half = new Float32Array(featurizer.dLatent).fill(0.5);
    let sum = 0;
    for (const pair of train.slice(59, 61)) sum += await plainLoss(featurizer, half, keepError, pair);
    expect(losses).toHaveLength(1);
    expect(losses[0]).toBeCloseTo(sum / 2, 4);
  });

  it("edits and scores as pairs taken one by one", async () => {
    const w = new Float32Array(featurizer.dLatent).map((_, i) => i % 2);
    const vectors = await compileEditVectors(made.activations, featurizer, await featuresOf(featurizer), {
      ...options,
      keepError,
    });
    const scorer = await openPairScorer(model, knowingHook, made.prompts, { ...options, newTokens, batch: 5 });
    const some = testPairs.slice(10, 14); // of both kinds
    const x = await vectors.of(some, w);
    const scores = await scorer.score(some, x);
    for (const [i, pair] of some.entries()) {
      const { ids, position } = made.prompts[pair.base] as KnownPrompt;
      const plain = await plainEdit(featurizer, w, keepError, pair);
      plain.forEach((value, d) => {
        expect(x[i * dModel + d]).toBeCloseTo(value, 5);
      });
      const [token] = await generate(model, ids, {
        maxNewTokens: 1,
        edit: { hook: knowingHook, position, x: plain },
        ...options,
      });
      expect(scores[i]).toBe(Number(model.tokenizer?.decode([token as number]).trim() === pair.label));
    }
    expect(await scorer.score([], new Float32Array())).toEqual(new Float32Array());
    await vectors.dispose();
    await scorer.dispose();
  });
});

describe("a trained mask", () => {
  const trainWith = async (
    featurizer: Featurizer,
    training: { from?: MaskState; keep?: (state: MaskState) => Promise<void> } = {},
  ) => {
    const features = featurizer.trained ? null : await featuresOf(featurizer);
    const trainer = await openMaskTrainer(model, made.activations, featurizer, features, options);
    const result = await trainer.train({
      pairs: train.slice(0, 30),
      recipe: quick,
      key: key(1),
      keepEvery: 4,
      ...training,
    });
    await trainer.dispose();
    return result;
  };

  it.each([neurons(dModel), planted, rotatedBasis(dModel)])(
    "of $name has the same bits when it was interrupted",
    async (featurizer) => {
      const kept: MaskState[] = [];
      const whole = await trainWith(featurizer, { keep: async (state) => void kept.push(state) });
      expect(kept.map(({ step }) => step)).toEqual([4, 8]); // 5 batches in each of 2 epochs; the end is not kept
      const resumed = await trainWith(featurizer, { from: kept[1] as MaskState });
      expect(resumed.losses).toEqual(whole.losses);
      expect(resumed.w).toEqual(whole.w);
      expect(resumed.featurizer.weights).toEqual(whole.featurizer.weights);
      expect(whole.losses).toHaveLength(10);
    },
  );

  it("leaves features alone that no prompt has", async () => {
    const { w } = await trainWith(planted);
    const prompts = train.slice(0, 30).flatMap(({ base, source }) => [base, source]);
    const active = new Set(activeFeatures(await featuresOf(planted), prompts));
    w.forEach((taken, feature) => {
      if (taken) expect(active.has(feature)).toBe(true);
    });
  });

  it("needs pairs, features of the model's size, and a recipe that can be", async () => {
    const other = neurons(dModel + 1);
    await expect(openMaskTrainer(model, made.activations, other, null)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: neurons: needed features of 40 numbers, as many as the model has at blocks.0.hook_resid_post, got an SAE of 41; use the model and the hook that it was trained on]`,
    );
    const trainer = await openMaskTrainer(model, made.activations, rotatedBasis(dModel), null, options);
    const refused = (recipe: Partial<MaskRecipe>, pairs = train) =>
      trainer.train({ pairs, recipe: { ...quick, ...recipe }, key: key(0) });
    await expect(refused({}, [])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: mask: needed pairs to train on, got none]`,
    );
    await expect(refused({ lr: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: mask recipe: needed lr above 0, got 0]`,
    );
    await expect(refused({ batch: 1.5 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: mask recipe: needed a whole number of batch, got 1.5]`,
    );
    await trainer.dispose();
  });
});

/** Scores of a mask that was trained on all training pairs of the first attribute. */
async function scoresOf(of: LanguageModel, own: Made, featurizer: Featurizer, recipe: Partial<MaskRecipe> = {}) {
  const [pairs] = own.attributes as [Made["attributes"][number]];
  const features = featurizer.trained ? null : await entityFeatures(featurizer, own.activations, options);
  const trainer = await openMaskTrainer(of, own.activations, featurizer, features, options);
  const mask = await trainer.train({ pairs: pairs.train, recipe: { ...quick, batch: 8, ...recipe }, key: key(2) });
  const vectors = await compileEditVectors(
    own.activations,
    mask.featurizer,
    await entityFeatures(mask.featurizer, own.activations),
  );
  const scorer = await openPairScorer(of, knowingHook, own.prompts, { ...options, newTokens });
  const score = async (w: Float32Array) => {
    const { cause, isolation } = editScores(
      scoredPairs(pairs.test, await scorer.score(pairs.test, await vectors.of(pairs.test, w))),
    );
    return [cause.value, isolation.value];
  };
  const result = {
    mask,
    trained: await score(mask.w),
    all: await score(mask.w.map(() => 1)),
    nothing: await score(mask.w.map(() => 0)),
  };
  for (const program of [trainer, vectors, scorer]) await program.dispose();
  return result;
}

test("where one attribute has features of its own, the mask is exactly these, and the edit is perfect", async () => {
  const { mask, trained, all, nothing } = await scoresOf(model, made, neurons(dModel));
  expect([...mask.w.keys()].filter((feature) => mask.w[feature])).toEqual(countryFeatures);
  expect({ trained, all, nothing }).toEqual({ trained: [1, 1], all: [1, 0], nothing: [0, 1] });
  const unedited = editScores(scoredPairs(testPairs, scoreUnedited(testPairs, made.prompts)));
  expect([unedited.cause.value, unedited.isolation.value, unedited.disentanglement.value]).toEqual([0, 1, 0.5]);
});

test("where every feature is a mixture of both attributes no mask separates them, and a learned basis does", async () => {
  const rotated = rotatedKnowingModel();
  const own = await knowingPairs(rotated, { train: 120, test: 24 });
  const mixed = await scoresOf(rotated, own, neurons(dModel));
  const learned = await scoresOf(rotated, own, rotatedBasis(dModel), { epochs: 6, lr: 0.01 });
  const sum = ([cause, isolation]: number[]) => (cause as number) + (isolation as number);
  expect(sum(mixed.trained)).toBeLessThan(1.85);
  expect(sum(learned.trained)).toBeGreaterThan(1.95);
});

test("batches of an epoch: every pair once, of like length, in another order each time", () => {
  const lengths = Array.from({ length: 50 }, (_, i) => 5 + (i % 9));
  const batches = pairBatches(lengths, 8, key(0));
  expect(batches.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
  expect(batches.map(({ length }) => length).sort()).toEqual([2, 8, 8, 8, 8, 8, 8]);
  expect(pairBatches(lengths, 8, key(0))).toEqual(batches);
  expect(pairBatches(lengths, 8, key(1))).not.toEqual(batches);
  expect(pairBatches([], 8, key(0))).toEqual([]);
  expect(pairBatches([4], 8, key(0))).toEqual([[0]]);
});

test("temperatures fall from the first to the last on a logarithmic scale", () => {
  const at = (step: number) => temperatureAt(maskRecipe, step, 5);
  expect([0, 1, 2, 3, 4].map(at).map((value) => Number(value.toPrecision(6)))).toEqual([1, 0.1, 0.01, 0.001, 0.0001]);
  expect(temperatureAt(maskRecipe, 0, 1)).toBe(1);
  expect(maskSteps({ ...maskRecipe, epochs: 2, batch: 16 }, 33)).toBe(6);
});
