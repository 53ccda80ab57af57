import { arangeLike, constant, equal, mul, reshape, type Tensor, where } from "@sae/core";
import { describe, expect, it } from "vitest";
import type { Hooks } from "../hooks.js";
import type { LanguageModel } from "../languageModel.js";
import { loadedModel } from "../loadedModel.js";
import { memorySource, randomModel, randomTexts, randomWeights, smallConfigs, smallModels } from "../models.testkit.js";
import { runModel } from "../runModel.js";
import { compileGenerator, generate } from "./generate.js";

/** Greedy continuation as one would write it down: the whole text through the model, the largest logit of its last position. */
async function plainGreedy(model: LanguageModel, ids: readonly number[], steps: number, edits: Hooks = {}) {
  const text = [...ids];
  for (let step = 0; step < steps; step++) {
    const { logits } = await runModel(model, [text], { edits, threads: 1 });
    const row = Array.from(logits.data as Float32Array).slice(-model.sizes.dVocab);
    text.push(row.indexOf(Math.max(...row)));
  }
  return text.slice(ids.length);
}

describe.each(smallModels)("%s", (_family, model) => {
  it("writes the most probable token again and again", async () => {
    const [ids] = randomTexts([3], model.sizes.dVocab);
    expect(await generate(model, ids, { maxNewTokens: 6 })).toEqual(await plainGreedy(model, ids, 6));
  });

  it("writes on from an edited place, at its position in each step", async () => {
    const [ids] = randomTexts([4], model.sizes.dVocab);
    const hook = "blocks.0.hook_resid_post";
    const { at } = await runModel(model, randomTexts([2], model.sizes.dVocab, "other"), { hooks: [hook] });
    const x = (at[hook].data as Float32Array).slice(-model.sizes.dModel).map((value) => -5 * value);
    const edits = {
      [hook]: (y: Tensor) => {
        const here = equal(reshape(arangeLike(y, 1), [1, "seq", 1]), constant([3], [1], "int64"));
        return where(here, constant(x), y);
      },
    };
    const edited = await generate(model, ids, { maxNewTokens: 5, edit: { hook, position: 3, x } });
    expect(edited).toEqual(await plainGreedy(model, ids, 5, edits));
    expect(edited).not.toEqual(await generate(model, ids, { maxNewTokens: 5 }));
  });
});

describe("a generator", () => {
  const model = randomModel(smallConfigs.gpt2);
  const { dModel, dVocab, nCtx } = model.sizes;

  it("writes on from many texts at once, each with its own end", async () => {
    const texts = randomTexts([1, 5, 3], dVocab);
    const generator = await compileGenerator(model);
    const alone = [];
    for (const text of texts) alone.push(...(await generator.run([text], { maxNewTokens: 4 })));
    expect(await generator.run(texts, { maxNewTokens: 4 })).toEqual(alone);
    expect(await generator.run([], { maxNewTokens: 4 })).toEqual([]);
    await generator.dispose();
  });

  it("stops before a stop token, at the wanted number, and where the model's length ends", async () => {
    const [ids] = randomTexts([3], dVocab);
    const all = await generate(model, ids, { maxNewTokens: 100 });
    expect(all).toHaveLength(nCtx - ids.length);
    expect(await generate(model, ids, { maxNewTokens: Number.POSITIVE_INFINITY })).toEqual(all);
    expect(await generate(model, ids, { maxNewTokens: 0 })).toEqual([]);
    expect(await generate(model, [...ids, ...all], { maxNewTokens: 1 })).toEqual([]);
    const stop = all[2];
    expect(await generate(model, ids, { maxNewTokens: 100, stop: [stop] })).toEqual(all.slice(0, all.indexOf(stop)));
  });

  it("writes the same whatever is guessed, wrong, right or too long", async () => {
    const texts = randomTexts([2, 5, 3, 1], dVocab);
    const generator = await compileGenerator(model);
    const plain = await generator.run(texts, { maxNewTokens: 6 });
    const other = (token: number) => (token + 1) % dVocab;
    const guesses = [
      [[...plain[0], 1, 2, 3]],
      [[other(plain[1][0])], plain[1].slice(0, 2)],
      [[plain[2][0], other(plain[2][1])], plain[2]],
      [],
    ];
    expect(await generator.run(texts, { maxNewTokens: 6, guesses })).toEqual(plain);
    const stop = [plain[0][3]];
    const stopped = await generator.run(texts, { maxNewTokens: 6, stop });
    expect(await generator.run(texts, { maxNewTokens: 6, stop, guesses })).toEqual(stopped);
    const [long] = await generator.run([texts[0]], { maxNewTokens: 100 });
    expect(await generator.run([texts[0]], { maxNewTokens: 100, guesses: [[[...long, 0]]] })).toEqual([long]);
    await generator.dispose();
  });

  it("keeps to hooks in each step", async () => {
    const [ids] = randomTexts([3], dVocab);
    const hooks = {
      "blocks.1.hook_mlp_out": (x: Tensor) => mul(x, 0),
      "ln_final.hook_normalized": (x: Tensor) => mul(x, -1),
    };
    expect(await generate(model, ids, { maxNewTokens: 4, hooks })).toEqual(await plainGreedy(model, ids, 4, hooks));
  });

  it("edits each text at its own place, at any hook", async () => {
    const texts = randomTexts([2, 4], dVocab);
    for (const hook of ["hook_embed", "ln_final.hook_normalized"]) {
      const generator = await compileGenerator(model, { editHook: hook });
      const x = Float32Array.from({ length: 2 * dModel }, (_, i) => Math.sin(i) * 3);
      const together = await generator.run(texts, { maxNewTokens: 3, edits: { positions: [1, 3], x } });
      const [first] = await generator.run([texts[0]], {
        maxNewTokens: 3,
        edits: { positions: [1], x: x.slice(0, dModel) },
      });
      const [second] = await generator.run([texts[1]], {
        maxNewTokens: 3,
        edits: { positions: [3], x: x.slice(dModel) },
      });
      expect(together).toEqual([first, second]);
      await generator.dispose();
    }
  });

  it("reads nothing of what stands where no logits are asked for", async () => {
    const generator = await compileGenerator(model, { editHook: "ln_final.hook_normalized" });
    const edited = (value: number, position: number) =>
      generator.run([[1, 2]], {
        maxNewTokens: 2,
        edits: { positions: [position], x: new Float32Array(dModel).fill(value) },
      });
    const plain = await generate(model, [1, 2], { maxNewTokens: 2 });
    for (const value of [1, Number.NaN, Number.POSITIVE_INFINITY]) expect(await edited(value, 0)).toEqual([plain]);
    await expect(edited(Number.NaN, 1)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: generate: needed finite logits, got NaN for token 0; look for NaN and overflow in weights, hooks and edits]`,
    );
    await generator.dispose();
  });

  it("says when no token is the most probable", async () => {
    const weights = randomWeights(smallConfigs.gpt2);
    const name = "transformer.ln_f.weight";
    const broken = loadedModel({
      name: "broken",
      source: memorySource(smallConfigs.gpt2, {
        ...weights,
        [name]: { ...weights[name], data: weights[name].data.map(() => Number.NaN) },
      }),
      tokenizer: null,
      identity: {},
    });
    await expect(generate(broken, [1, 2], { maxNewTokens: 1 })).rejects.toMatchObject({ code: "non_finite" });
  });

  it("says what is wrong with texts and lengths, also where there is nothing to write", async () => {
    const generator = await compileGenerator(model);
    const run = (texts: number[][], maxNewTokens: number) => generator.run(texts, { maxNewTokens });
    const long = new Array(nCtx + 1).fill(1);
    for (const maxNewTokens of [0, 3]) {
      await expect(run([[1, 2], long], maxNewTokens)).rejects.toThrow(
        "generate: needed texts of at most 16 tokens, got one of 17; cut it",
      );
      await expect(run([[1], [2, dVocab]], maxNewTokens)).rejects.toThrow(
        "generate: needed token ids from 0 to 22, got 23 at place 1 of text 1; is this the model's own tokenizer?",
      );
    }
    for (const maxNewTokens of [Number.NaN, 2.5, -1]) {
      await expect(run([[1]], maxNewTokens)).rejects.toThrow(
        `generate: needed maxNewTokens to be a whole number from 0 on or Infinity, got ${maxNewTokens}`,
      );
    }
    await generator.dispose();
  });

  it("says what is wrong with its input", async () => {
    const generator = await compileGenerator(model, { editHook: "hook_embed" });
    const x = new Float32Array(dModel);
    const run = (texts: number[][], edits?: { positions: number[]; x: Float32Array }) =>
      generator.run(texts, { maxNewTokens: 1, ...(edits && { edits }) });
    await expect(run([[]])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: generate: needed at least one token, got none in text 0; begin with bos]`,
    );
    await expect(run([[1]])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: generate: needed both an editHook and edits, or neither, got one of them]`,
    );
    await expect(run([[1], [2]], { positions: [0], x })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: generate: needed 2 positions and 2 · 12 numbers, got 1 and 12]`,
    );
    await expect(run([[1, 2]], { positions: [2], x })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: generate: needed a position from 0 to 1 for text 0, got 2]`,
    );
    await generator.dispose();
    await expect(compileGenerator(model, { editHook: "embed" })).rejects.toThrow(/close to it are hook_embed/);
  });
});
