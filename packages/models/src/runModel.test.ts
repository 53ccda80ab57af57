import { float32, int64, placeholder, type Tensor, type Value } from "@sae/core";
import { describe, expect, it } from "vitest";
import { compileModel } from "./compileModel.js";
import { loadedModel } from "./loadedModel.js";
import {
  memorySource,
  randomModel,
  randomTexts,
  randomWeights,
  relativeDifference,
  smallConfigs,
  smallModels,
} from "./models.testkit.js";
import { compileForward, runModel } from "./runModel.js";
import { tokenBatch } from "./tokenBatch.js";

/** The first `length` positions of one text of a result [batch, seq, n]. */
function textOf({ data, shape: [, seq, n] }: Value, row: number, length: number): Value {
  return { data: (data as Float32Array).slice(row * seq * n, (row * seq + length) * n), shape: [1, length, n] };
}

const last = "blocks.1.hook_resid_post";

describe.each(smallModels)("%s", (_family, model) => {
  it("texts side by side give what each gives alone: padding changes nothing", async () => {
    const texts = randomTexts([3, 7, 1], model.sizes.dVocab);
    const program = await compileForward(model, { hooks: [last] });
    const together = await program.run(texts);
    expect(together.lengths).toEqual([3, 7, 1]);
    expect(Array.from(together.keep.data as Uint8Array)).toEqual([
      ...[1, 1, 1, 0, 0, 0, 0],
      ...[1, 1, 1, 1, 1, 1, 1],
      ...[1, 0, 0, 0, 0, 0, 0],
    ]);
    for (const [row, text] of texts.entries()) {
      const alone = await program.run([text]);
      for (const [some, one] of [
        [together.at[last], alone.at[last]],
        [together.logits, alone.logits],
      ]) {
        expect(relativeDifference(textOf(some, row, text.length), one)).toBeLessThan(1e-5);
      }
    }
    await program.dispose();
  });

  it("a hook that returns what it gets changes no bit", async () => {
    const texts = randomTexts([6, 4], model.sizes.dVocab);
    const names: readonly string[] = model.family.hookNames(model.config);
    const edits = Object.fromEntries(names.map((name) => [name, (x: Tensor) => x]));
    const plain = await runModel(model, texts);
    expect((await runModel(model, texts, { edits })).logits).toEqual(plain.logits);
  });

  it("no text at all", async () => {
    const { at, logits } = await runModel(model, [], { hooks: [last] });
    expect([at[last].shape, logits.shape]).toEqual([
      [0, 0, model.sizes.dModel],
      [0, 0, model.sizes.dVocab],
    ]);
  });
});

describe("weights", () => {
  it("are read when a program needs them, once for all programs", async () => {
    const source = memorySource(smallConfigs.llama, randomWeights(smallConfigs.llama));
    const model = loadedModel({ name: "m", source, tokenizer: null, identity: {} });
    expect(source.reads).toEqual([]);
    const hook = "blocks.0.hook_attn_out";
    const program = await compileForward(model, { hooks: [hook], logits: false });
    expect(source.reads.sort()).toEqual([
      "model.embed_tokens.weight",
      "model.layers.0.input_layernorm.weight",
      "model.layers.0.self_attn.k_proj.weight",
      "model.layers.0.self_attn.o_proj.weight",
      "model.layers.0.self_attn.q_proj.weight",
      "model.layers.0.self_attn.v_proj.weight",
    ]);
    expect((await program.run([[1, 2]])).logits).toBeNull();
    await runModel(model, [[1]]);
    await runModel(model, [[1]]);
    expect(new Set(source.reads).size).toBe(source.reads.length);
    expect(await model.weight("model.norm.weight")).toBe(await model.weight("model.norm.weight"));
    await program.dispose();
  });
});

describe("errors", () => {
  const model = randomModel(smallConfigs.gpt2);

  it("a hook that is not there", async () => {
    await expect(runModel(model, [[1]], { hooks: ["blocks.3.resid_post"] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: hook: needed one of the 13 hooks of random (gpt2), got 'blocks.3.resid_post'; close to it are blocks.0.hook_resid_post, blocks.1.hook_resid_post, blocks.0.hook_resid_pre]`,
    );
  });

  it("a hook that returns another shape", async () => {
    const edits = { hook_embed: () => placeholder("other", int64("batch", "seq")) };
    await expect(runModel(model, [[1]], { edits })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: hook 'hook_embed': needed float32[batch, seq, 12], got int64[batch, seq]]`,
    );
  });

  it("tokens that are none, texts that are too long", async () => {
    const program = await compileForward(model);
    await expect(program.run([[1, 23]])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenBatch: needed token ids from 0 to 22, got 23 at place 1 of text 0; is this the model's own tokenizer?]`,
    );
    await expect(program.run([[1.5]])).rejects.toThrow(/got 1.5/);
    await expect(program.run([[-1]])).rejects.toThrow(/got -1/);
    await expect(program.run([new Int32Array(17)])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenBatch: needed texts of at most 16 tokens, got one of 17; cut it]`,
    );
    await program.dispose();
  });

  it("nothing asked for", async () => {
    await expect(compileForward(model, { logits: false })).rejects.toThrow(/got neither/);
  });

  it("inputs whose sizes are not those of the tokens", async () => {
    const program = await compileModel(model, { v: float32("batch", "seq", 12) }, ({ inputs, forward }) => ({
      logits: forward({ hook_embed: () => inputs.v }),
    }));
    const { tokens } = tokenBatch([[1, 2, 3]], model.sizes);
    const v = { data: new Float32Array(24), shape: [1, 2, 12] };
    await expect(program.run({ tokens, v })).rejects.toThrow(/seq = 3/);
    await program.dispose();
  });
});
