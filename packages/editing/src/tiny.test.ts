/*
 * A tour: a table, what a model knows of it, pairs, a mask, its scores beside those of edits that it has to be compared with.
 */
import { key } from "@sae/core";
import { expect, test } from "vitest";
import {
  buildPrompts,
  compileEditVectors,
  completePrompts,
  drawPairs,
  editScores,
  entityFeatures,
  knownPrompts,
  maskRecipe,
  neurons,
  openMaskTrainer,
  openPairScorer,
  promptActivations,
  scoredPairs,
  scoreUnedited,
  splitTable,
} from "./index.js";
import { countryFeatures, knowingHook, knowingModel, knowingTable } from "./knowingModel.testkit.js";

const options = { threads: 1, newTokens: 1 };

test("a tour of the package", async () => {
  // 1. A model that knows the country and the language of 48 cities, and a table of 50 with sentences that ask for them. Half of the cities and
  //    of the sentences are for training, the others for the test.
  const model = knowingModel();
  const table = splitTable(knowingTable, key("split"));
  const { prompts, leftOut } = buildPrompts(table, model, { key: key("prompts"), newTokens: 1 });
  expect([prompts.length, leftOut.merged]).toEqual([250, 0]);

  // 2. Only what the model knows is asked for later.
  const completions = await completePrompts(model, prompts, options);
  const known = knownPrompts(prompts, completions, model.tokenizer as NonNullable<typeof model.tokenizer>);
  expect(known.entities).toEqual({ known: 48, kept: 48 });

  // 3. Pairs of prompts: the country of the base shall become that of the source (cause), its language shall stay (isolation).
  const pairs = drawPairs(known.prompts, { key: key("pairs"), pairs: { train: 48, test: 16 } });
  const [country] = pairs.attributes;
  expect([country?.attribute, country?.train.length, country?.test.length]).toEqual(["Country", 96, 32]);
  const { train = [], test: tested = [] } = country ?? {};

  // 4. What stands at the hook for each prompt, and its features there; here each neuron is one.
  const activations = await promptActivations(model, knowingHook, pairs.prompts, options);
  const featurizer = neurons(model.sizes.dModel);
  const features = await entityFeatures(featurizer, activations);

  // 5. A mask, learned through the rest of the model: it takes the numbers that hold the country, and no others.
  const trainer = await openMaskTrainer(model, activations, featurizer, features, options);
  const mask = await trainer.train({ pairs: train, recipe: maskRecipe, key: key("mask") });
  expect([...mask.w.keys()].filter((feature) => mask.w[feature] === 1)).toEqual(countryFeatures);

  // 6. Scores: of the mask, of no edit, of everything taken from the source.
  const vectors = await compileEditVectors(activations, featurizer, features, options);
  const scorer = await openPairScorer(model, knowingHook, pairs.prompts, options);
  const scoresOf = (values: Float32Array) => {
    const { cause, isolation, disentanglement } = editScores(scoredPairs(tested, values));
    return [cause.value, isolation.value, disentanglement.value];
  };
  const edited = async (w: Float32Array) => scoresOf(await scorer.score(tested, await vectors.of(tested, w)));
  expect(await edited(mask.w)).toEqual([1, 1, 1]);
  expect(await edited(mask.w.map(() => 1))).toEqual([1, 0, 0.5]);
  expect(scoresOf(scoreUnedited(tested, pairs.prompts))).toEqual([0, 1, 0.5]);

  for (const program of [trainer, vectors, scorer]) await program.dispose();
});
