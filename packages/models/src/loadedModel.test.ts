import { describe, expect, it } from "vitest";
import { loadedModel } from "./loadedModel.js";
import { memorySource, randomWeights, smallConfigs } from "./models.testkit.js";
import { runModel } from "./runModel.js";

type Weights = ReturnType<typeof randomWeights>;

const model = (config: Record<string, unknown>, weights: Weights) =>
  loadedModel({ name: "m", source: memorySource(config, weights), tokenizer: null, identity: { sha256: "…" } });

const { llama, gpt2 } = smallConfigs;

const renamed = (weights: Weights, rename: (name: string) => string): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [rename(name), weight]));

describe("loadedModel", () => {
  it("knows its family, sizes and identity", () => {
    const { family, sizes, identity, tokenizer } = model(llama, randomWeights(llama));
    expect([family.name, sizes, identity, tokenizer]).toEqual([
      "llama",
      { dModel: 12, nLayers: 2, nCtx: 64, dVocab: 23 },
      { sha256: "…" },
      null,
    ]);
  });

  it("says which weights are missing or have another shape", () => {
    const { "model.norm.weight": _, ...weights } = randomWeights(llama);
    const wrong = { ...weights, "lm_head.weight": { shape: [12, 23], data: new Float32Array(12 * 23) } };
    expect(() => model(llama, wrong)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: memory: the weights are not those of its config: 'model.norm.weight' [12] is missing; 'lm_head.weight' needed [23, 12], got [12, 23]; check that config and weights belong together]`,
    );
    expect(() => model(llama, {})).toThrow(/ and 16 more; check/);
  });

  it("does not mind weights that the family does not know", () => {
    const weights = {
      ...randomWeights(llama),
      "model.layers.0.self_attn.rotary_emb.inv_freq": { shape: [3], data: new Float32Array(3) },
    };
    expect(() => model(llama, weights)).not.toThrow();
  });

  it("finds the weights of a checkpoint that was saved without its head, and of a tied matrix under its other name", async () => {
    const weights = randomWeights(gpt2);
    const { logits } = await runModel(model(gpt2, weights), [[1, 2, 3]]);
    const short = renamed(weights, (name) => name.replace("transformer.", ""));
    expect((await runModel(model(gpt2, short), [[1, 2, 3]])).logits).toEqual(logits);
    const other = renamed(weights, (name) => name.replace("transformer.wte", "lm_head"));
    expect((await runModel(model(gpt2, other), [[1, 2, 3]])).logits).toEqual(logits);
  });

  it("has no other weights, and none after close", async () => {
    const loaded = model(llama, randomWeights(llama));
    await expect(loaded.weight("model.norm.bias")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: m: needed a weight of the family llama, got 'model.norm.bias']`,
    );
    await loaded.close();
    await expect(loaded.weight("model.norm.weight")).rejects.toThrow(/after close/);
  });

  it("tries a failed read again", async () => {
    const source = memorySource(llama, randomWeights(llama));
    let failures = 1;
    const flaky = {
      ...source,
      read: async (name: string) => {
        if (failures-- > 0) throw new Error("disk");
        return source.read(name);
      },
    };
    const loaded = loadedModel({ name: "m", source: flaky, tokenizer: null, identity: {} });
    await expect(loaded.weight("model.norm.weight")).rejects.toThrow("disk");
    expect(await loaded.weight("model.norm.weight")).toHaveLength(12);
  });
});
