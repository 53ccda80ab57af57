import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openActivations, readNpy, readSafetensors, toFloat32 } from "@sae/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadedModel } from "../loadedModel.js";
import { folderModel, hasShared, randomTexts, shared, smallModels } from "../models.testkit.js";
import { runModel } from "../runModel.js";
import { openWeights } from "../weights/openWeights.js";
import { fixedContexts } from "./fixedContexts.js";
import { harvest } from "./harvest.js";
import { hookPrefix } from "./hookPrefix.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hook-prefix-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsIn(path: string): Promise<Float32Array> {
  const file = await openActivations(path);
  const values = new Float32Array(file.rows * file.dModel);
  await file.readRange(0, file.rows, values);
  await file.close();
  return values;
}

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), a.length === b.length ? 0 : Infinity);

describe.each(smallModels)("%s", (family, model) => {
  test("a harvest holds what forward passes of single texts give", async () => {
    const { dVocab, dModel, nLayers } = model.sizes;
    const nCtx = 9;
    const texts = randomTexts([nCtx, nCtx, nCtx, nCtx, nCtx], dVocab);
    const hook = `blocks.${nLayers - 1}.hook_resid_post`;
    const prefix = await hookPrefix(model, hook, { threads: 1 });
    const contexts = fixedContexts(Int32Array.from(texts.flat()), nCtx);
    const out = join(folder, family);
    const manifest = await harvest({ prefix, contexts, folder: out, dtype: "float32", batch: 2, skipPositions: 1 });
    await prefix.dispose();
    expect(manifest).toMatchObject({ rows: 5 * 8, dModel, config: { prefix: { hook } } });
    const rows = await rowsIn(out);
    for (const [i, text] of texts.entries()) {
      const { at } = await runModel(model, [text], { hooks: [hook], logits: false, threads: 1 });
      const expected = (at[hook].data as Float32Array).subarray(dModel);
      const got = rows.subarray(i * 8 * dModel, (i + 1) * 8 * dModel);
      expect(largestDifference(got, expected)).toBeLessThan(1e-5);
    }
  });

  test("wrong hooks, tokens and lengths", async () => {
    await expect(hookPrefix(model, "blocks.9.hook_resid_post")).rejects.toMatchObject({ code: "unknown_hook" });
    const prefix = await hookPrefix(model, "blocks.0.hook_resid_post", { threads: 1 });
    const run = (tokens: Int32Array) =>
      harvest({ prefix, contexts: fixedContexts(tokens, tokens.length), folder: join(folder, `${family} none`) });
    await expect(run(Int32Array.of(0, model.sizes.dVocab))).rejects.toMatchObject({ code: "bad_token" });
    await rm(join(folder, `${family} none`), { recursive: true });
    await expect(run(new Int32Array(model.sizes.nCtx + 1))).rejects.toMatchObject({ code: "too_long" });
    await prefix.dispose();
  });
});

test("a real model: TinyStories-656K", async ({ skip }) => {
  const [weights, recorded] = ["data/lm-tinystories-656k", "fixtures/lm/tinystories-656k.expected.safetensors"];
  if (!hasShared(weights) || !hasShared(recorded)) skip(`needs ${weights} and ${recorded} of the shared data`);
  const { tensors } = await readSafetensors(join(shared, recorded));
  const hook = "blocks.0.hook_resid_post";
  const expected = toFloat32(tensors[`0.${hook}`]);
  const ids = Int32Array.from(tensors["0.tokens"].data as BigInt64Array, Number);
  const prefix = await hookPrefix(await folderModel(join(shared, weights)), hook, { threads: 1 });
  for (const dtype of ["float32", "float16"] as const) {
    const out = join(folder, dtype);
    await harvest({ prefix, contexts: fixedContexts(ids, ids.length), folder: out, dtype });
    const rows = await rowsIn(out);
    expect(rows).toHaveLength(expected.length);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largestDifference(rows, expected) / largest).toBeLessThan(dtype === "float32" ? 1e-5 : 2 ** -11 * 1.01);
  }
  await prefix.dispose();
});

test("a real model: the rows of stories260K that were recorded elsewhere", async ({ skip }) => {
  const weights = "data/lm-stories260K/stories260K.bin";
  const recorded = "data/activations/stories260K";
  const files = [weights, `${recorded}.tokens.i32.npy`, `${recorded}.blocks.2.hook_resid_post.f16.npy`];
  for (const file of files) if (!hasShared(file)) skip(`needs ${file} of the shared data`);
  const [checkpoint, tokensFile, rowsFile] = files.map((file) => join(shared, file));
  const model = loadedModel({
    name: weights,
    source: await openWeights(checkpoint),
    tokenizer: null,
    identity: { model: "stories260K" },
  });
  const prefix = await hookPrefix(model, "blocks.2.hook_resid_post", { threads: 1 });
  const tokens = await readNpy(tokensFile); // [1024, 256], 1 begins a story
  const contexts = fixedContexts(tokens.data as Int32Array, tokens.shape[1], [1]);
  const out = join(folder, "stories260K");
  await harvest({ prefix, contexts, folder: out });
  await prefix.dispose();
  await model.close();

  const [got, expected] = [await rowsIn(out), await rowsIn(rowsFile)];
  expect(got).toHaveLength(expected.length);
  let [different, tooFar] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (got[i] === expected[i]) continue;
    different++;
    // neighbours in float16, but for differences of float32 sums that show next to 0
    const step = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(got[i]), Math.abs(expected[i])))) - 10);
    if (Math.abs(got[i] - expected[i]) > step + 1e-5) tooFar++;
  }
  expect(tooFar).toBe(0);
  expect(different / expected.length).toBeLessThan(0.01);
});
