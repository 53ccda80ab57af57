import { join } from "node:path";
import { readSafetensors, type StoredArray, type Tensor, toFloat32 } from "@sae/core";
import { describe, expect, it } from "vitest";
import { compileModel } from "../compileModel.js";
import type { LanguageModel } from "../languageModel.js";
import { folderModel, hasShared, relativeDifference, shared } from "../models.testkit.js";
import { tokenBatch } from "../tokenBatch.js";
import { families } from "./families.js";

/** The stream after every block and the logits of some texts, against recorded ones. */
async function compareWith(model: LanguageModel, texts: number[][], expected: Record<string, StoredArray>) {
  const hooks = Object.keys(expected).filter((name) => name.startsWith("blocks."));
  expect(hooks).toHaveLength(model.sizes.nLayers);
  const program = await compileModel(model, {}, ({ read }) => {
    const { at, logits } = read(hooks);
    return { ...at, logits } as Record<string, Tensor>;
  });
  const results = await program.run({ tokens: tokenBatch(texts, model.sizes).tokens });
  for (const name of [...hooks, "logits"]) {
    const { shape, data } = results[name];
    const want = {
      shape: [...shape.slice(0, shape.length - expected[name].shape.length), ...expected[name].shape],
      data: toFloat32(expected[name]),
    };
    expect(relativeDifference({ shape, data }, want), name).toBeLessThan(1e-4);
  }
  await program.dispose();
}

const fixtures = "fixtures/lm";

describe.skipIf(!hasShared(fixtures))(`recorded forward passes (skipped without ${join(shared, fixtures)})`, () => {
  it.each(families.map(({ name }) => name))("%s", async (family) => {
    const folder = join(shared, fixtures, family);
    const { tensors } = await readSafetensors(join(folder, "expected.safetensors"));
    const { tokens, ...expected } = tensors;
    const [batch, seq] = tokens.shape;
    const ids = Array.from(tokens.data as BigInt64Array, Number);
    const texts = Array.from({ length: batch }, (_, row) => ids.slice(row * seq, (row + 1) * seq));
    await compareWith(await folderModel(folder), texts, expected);
  });

  it.skipIf(!hasShared("data/lm-tinystories-656k"))("a real model: TinyStories-656K", async () => {
    const { tensors } = await readSafetensors(join(shared, fixtures, "tinystories-656k.expected.safetensors"));
    const expected = Object.fromEntries(
      Object.entries(tensors).flatMap(([name, tensor]) => (name === "0.tokens" ? [] : [[name.slice(2), tensor]])),
    );
    const ids = Array.from(tensors["0.tokens"].data as BigInt64Array, Number);
    await compareWith(await folderModel(join(shared, "data/lm-tinystories-656k")), [ids], expected);
  });
});
