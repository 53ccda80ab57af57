/*
 * The model, the edits and the training of masks on a second provider; see the testkit for one without a GPU.
 */
import { key } from "@sae/core";
import { expect, test } from "vitest";
import { webgpuFailure } from "../../core/src/webgpu.testkit.js";
import {
  buildPrompts,
  compileEditVectors,
  completePrompts,
  drawPairs,
  entityFeatures,
  knownPrompts,
  maskRecipe,
  neurons,
  openMaskTrainer,
  openPairScorer,
  promptActivations,
  splitTable,
} from "./index.js";
import { knowingHook, knowingModel, knowingTable } from "./knowingModel.testkit.js";

test("WebGPU says, learns and scores what the CPU does", async ({ skip }) => {
  skip(webgpuFailure !== undefined, `WebGPU does not start here: ${webgpuFailure}`);
  const model = knowingModel();
  const { prompts: asked } = buildPrompts(splitTable(knowingTable, key("split")), model, {
    key: key("prompts"),
    newTokens: 1,
  });
  const some = asked.filter((_, i) => i % 4 === 0);

  const on = async (provider: "cpu" | "webgpu") => {
    const options = { threads: 1, newTokens: 1, provider };
    const completions = await completePrompts(model, some, options);
    const known = knownPrompts(some, completions, model.tokenizer as NonNullable<typeof model.tokenizer>);
    const pairs = drawPairs(known.prompts, { key: key("pairs"), pairs: { train: 8, test: 8 } });
    const { train = [], test: tested = [] } = pairs.attributes[0] ?? {};
    const activations = await promptActivations(model, knowingHook, pairs.prompts, options);
    const featurizer = neurons(model.sizes.dModel);
    const features = await entityFeatures(featurizer, activations, options);
    const trainer = await openMaskTrainer(model, activations, featurizer, features, options);
    const { losses } = await trainer.train({ pairs: train, recipe: { ...maskRecipe, epochs: 1 }, key: key("mask") });
    const vectors = await compileEditVectors(activations, featurizer, features, options);
    const scorer = await openPairScorer(model, knowingHook, pairs.prompts, options);
    const whole = new Float32Array(featurizer.dLatent).fill(1);
    const scores = await scorer.score(tested, await vectors.of(tested, whole));
    for (const program of [trainer, vectors, scorer]) await program.dispose();
    return { completions, losses, scores: Array.from(scores), x: Array.from(activations.rows) };
  };

  const [cpu, gpu] = [await on("cpu"), await on("webgpu")];
  expect(gpu.completions).toEqual(cpu.completions);
  expect(gpu.scores).toEqual(cpu.scores);
  expect(gpu.losses).toHaveLength(cpu.losses.length);
  gpu.losses.forEach((loss, step) => {
    expect(Math.abs(loss - (cpu.losses[step] as number)), `loss of step ${step}`).toBeLessThan(1e-2);
  });
  expect(Math.max(...gpu.x.map((value, i) => Math.abs(value - (cpu.x[i] as number))))).toBeLessThan(1e-3);
});
