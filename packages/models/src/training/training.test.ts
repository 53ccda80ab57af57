import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold, interpret, key, largestDifference, sequence } from "@sae/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { familyOf } from "../families/families.js";
import { buildGradient, compileGradient, gradientInputs } from "./gradientProgram.js";
import { initialWeights } from "./initialWeights.js";
import { inputsAndTargets, localShards } from "./shardRunner.js";
import { tokenScorer } from "./tokenScores.js";
import { readTrainingCheckpoint, writeTrainingCheckpoint } from "./trainingCheckpoint.js";
import { trainingRecipe } from "./trainingRecipe.js";
import { type TrainingContexts, type TrainLanguageModelOptions, trainLanguageModel } from "./trainLanguageModel.js";
import { buildUpdate, compileUpdate, stateTypes, updateInputs } from "./updateProgram.js";

const file = {
  model_type: "llama",
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 12,
  max_position_embeddings: 16,
  tie_word_embeddings: true,
};
const family = familyOf(file);
const config: unknown = family.config.parse(file);
const nCtx = 15;

/** A toy language: a begin token, seven random letters, and the same letters again. What comes second can be known, what comes first cannot. */
const repetitions: TrainingContexts = {
  identity: { kind: "repetitions" },
  contexts: (step, out) => {
    const width = nCtx + 1;
    const next = sequence(fold(key("repetitions"), step));
    for (let start = 0; start < out.length; start += width) {
      const letters = Array.from({ length: 7 }, () => 2 + (next() % 10));
      out.set([0, ...letters, 1, ...letters], start);
    }
  },
};

const recipe = { steps: 12, shards: 2, pieces: 2, rows: 2, nCtx, lr: 3e-3, warmup: 2, decay: 0.5 } as const;
const toy: TrainLanguageModelOptions = { family, config, recipe, source: repetitions };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "train-language-model-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a transformer learns to copy", async () => {
  const { weights, log } = await trainLanguageModel({ ...toy, recipe: { ...recipe, steps: 700, rows: 8, warmup: 20 } });
  const contexts = new Int32Array(64 * (nCtx + 1));
  await repetitions.contexts(1_000_000, contexts); // never seen
  const scorer = await tokenScorer(family, config);
  const { losses, correct } = await scorer.score(weights, contexts, 64);
  await scorer.dispose();
  const mean = (values: Float32Array, keep: (place: number) => boolean) => {
    const kept = values.filter((_, i) => keep(i % nCtx));
    return kept.reduce((total, value) => total + value, 0) / kept.length;
  };
  const copied = (place: number) => place >= 8;
  expect(mean(losses, copied)).toBeLessThan(0.05);
  expect(mean(correct, copied)).toBeGreaterThan(0.99);
  // The first seven letters are one of ten each: no model can do better than log 10.
  expect(mean(losses, (place) => place < 7)).toBeGreaterThan(Math.log(10) - 0.05);
  expect(log[0].loss).toBeCloseTo(Math.log(12), 0);
});

test("gradient and update are those of the plain reference in double precision", async () => {
  const spec = { family, config, rows: 2, nCtx: 5 };
  const full = trainingRecipe.parse({ ...recipe, shards: 1, rows: 2, nCtx: 5, clip: 0.1 });
  const weights = initialWeights(family, config, { scale: 0.3, seed: 3 });
  const contexts = Int32Array.from({ length: 4 * 6 }, (_, i) => (i * 5) % 12);
  const feeds = { ...weights, ...inputsAndTargets(contexts, spec) };
  const program = await compileGradient(spec);
  const got = await program.run(feeds);
  const expected = interpret(gradientInputs(spec), (args) => buildGradient(spec, args)).run(feeds);
  for (const name of Object.keys(expected))
    expect(largestDifference(got[name], expected[name]), name).toBeLessThan(2e-5);
  await program.dispose();

  const parts = Object.fromEntries(Object.keys(weights).map((name) => [`d0.${name}`, got[`d.${name}`].data]));
  const moments = Object.entries(stateTypes(family, config)).map(([name, { shape }]) => [
    name,
    weights[name] ?? new Float32Array((shape as number[]).reduce((a, b) => a * b, 1)).fill(0.01),
  ]);
  const numbers = { lr: [0.01], correction1: [3], correction2: [7] };
  const updateFeeds = {
    ...Object.fromEntries(moments),
    ...parts,
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Float32Array.from(value)])),
  };
  const update = await compileUpdate(family, config, full);
  const next = await update.run(updateFeeds);
  const reference = interpret(updateInputs(family, config, full), (args) =>
    buildUpdate(family, config, full, args),
  ).run(updateFeeds);
  for (const name of Object.keys(reference))
    expect(largestDifference(next[name], reference[name]), name).toBeLessThan(2e-5);
  await update.dispose();
});

test("a run that was stopped has the bits of one that was not", async () => {
  const whole = await trainLanguageModel(toy);
  const out = join(folder, "stopped");
  const options = { ...toy, out, checkpointEvery: 5 };
  expect((await trainLanguageModel({ ...options, stopAfter: 7 })).step).toBe(7);
  // What a process that was killed wrote after its last checkpoint, the last line half.
  await writeFile(join(out, "log.jsonl"), '{"step":7,"loss":1}\n{"ste', { flag: "a" });
  const resumed = await trainLanguageModel(options);
  expect(resumed.weights).toEqual(whole.weights);
  expect(resumed.log).toEqual(whole.log);
  expect(
    (await readFile(join(out, "log.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(whole.log);
  // A run that is over has nothing more to do.
  expect((await trainLanguageModel(options)).weights).toEqual(whole.weights);
});

test("the end of a run can be moved until the learning rate falls", async () => {
  const longer = { ...recipe, steps: 20 };
  const whole = await trainLanguageModel({ ...toy, recipe: longer });
  const out = join(folder, "moved");
  await trainLanguageModel({ ...toy, out, stopAfter: 6 }); // falls from step 6 of 12 on
  const moved = await trainLanguageModel({ ...toy, out, recipe: longer, stopAfter: 5 }); // from step 10 of 20 on
  expect(moved.log).toEqual(whole.log.slice(0, 11));
  await expect(trainLanguageModel({ ...toy, out })).rejects.toThrow(
    /at step 11 the end of the run can no longer be moved \(the learning rate fell from step 10 on, now it would from 6\)/,
  );
  expect((await trainLanguageModel({ ...toy, out, recipe: longer })).weights).toEqual(whole.weights);
});

test("a checkpoint of another run is refused", async () => {
  const out = join(folder, "other");
  await trainLanguageModel({ ...toy, out, stopAfter: 1 });
  await expect(trainLanguageModel({ ...toy, out, recipe: { ...recipe, lr: 1e-3 } })).rejects.toThrow(
    /belongs to a run with other options or data/,
  );
});

test("the gradient of a shard does not depend on the shards beside it", async () => {
  const runner = await localShards({ family, config, rows: 2, nCtx });
  const weights = initialWeights(family, config, { scale: 0.1, seed: 0 });
  const contexts = new Int32Array(8 * (nCtx + 1));
  await repetitions.contexts(0, contexts);
  const [first, second] = [contexts.subarray(0, contexts.length / 2), contexts.subarray(contexts.length / 2)];
  expect(await runner.run(weights, [second])).toEqual([(await runner.run(weights, [first, second]))[1]]);
  expect(await runner.run(weights, [])).toEqual([]);
  await runner.dispose();
});

test("weights start by the rule of their kind, each from a stream of its own", () => {
  const weights = initialWeights(family, config, { scale: 0.02, seed: 0 });
  const deviation = (name: string) =>
    Math.sqrt(weights[name].reduce((total, value) => total + value * value, 0) / weights[name].length);
  expect(deviation("model.layers.0.mlp.up_proj.weight")).toBeCloseTo(0.02, 2);
  expect(deviation("model.layers.0.mlp.down_proj.weight") / 0.02).toBeCloseTo(1 / Math.sqrt(4), 1);
  expect(weights["model.norm.weight"]).toEqual(new Float32Array(32).fill(1));
  expect(weights["model.layers.0.mlp.up_proj.weight"]).not.toEqual(weights["model.layers.0.mlp.gate_proj.weight"]);
  expect(initialWeights(family, config, { scale: 0.02, seed: 0 })).toEqual(weights);
  expect(initialWeights(family, config, { scale: 0.02, seed: 1 })).not.toEqual(weights);
});

test("recipes that cannot be are refused", async () => {
  await expect(trainLanguageModel({ ...toy, recipe: { ...recipe, steps: 0 } })).rejects.toThrow(
    /training recipe: steps/,
  );
  await expect(trainLanguageModel({ ...toy, recipe: { ...recipe, nCtx: 17 } })).rejects.toThrow(
    /nCtx needed at most the model's 16, got 17/,
  );
});

test("ids that are no tokens are refused, padding of a harvest among them", async () => {
  const fill = (id: number): TrainingContexts => ({ identity: { id }, contexts: (_, out) => void out.fill(id, 3) });
  for (const id of [-1, 12]) {
    await expect(trainLanguageModel({ ...toy, source: fill(id) })).rejects.toThrow(
      `training: needed token ids from 0 to 11, got ${id} at place 3 of text 0; is this the model's own tokenizer?`,
    );
  }
  const scorer = await tokenScorer(family, config);
  const weights = initialWeights(family, config, { scale: 0.02, seed: 0 });
  await expect(scorer.score(weights, Int32Array.of(0, 1, 2, -1), 2)).rejects.toThrow(
    "tokenScorer: needed token ids from 0 to 11, got -1 at place 1 of text 1",
  );
  await scorer.dispose();
});

test.skipIf(!existsSync("/proc/self/fd"))("a run that cannot begin leaves no file open", async () => {
  const out = join(folder, "unbegun");
  const broken = {
    ...family,
    forward: () => {
      throw new Error("no such model");
    },
  };
  await expect(trainLanguageModel({ ...toy, family: broken, out })).rejects.toThrow("no such model");
  const open = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(join("/proc/self/fd", fd)).catch(() => "")),
  );
  expect(open.filter((path) => path.startsWith(out))).toEqual([]);
});

test("a checkpoint has the bytes that it always had: runs that were begun with an earlier version go on", async () => {
  const path = join(folder, "checkpoint.safetensors");
  const state = { b: Float32Array.of(1, 2), "m.a": Float32Array.of(0.1) };
  const checkpoint = { step: 7, state, logLines: 7, constantUntil: 1960 };
  await writeTrainingCheckpoint(path, checkpoint, "run");
  expect(
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex"),
  ).toBe("80c4fecec777f5622ae763a6203b05158a6dcb01b75a51761be49b9de5fb1155");
  expect(await readTrainingCheckpoint(path, "run")).toEqual(checkpoint);
  expect(await readTrainingCheckpoint(join(folder, "none"), "run")).toBeNull();
});
