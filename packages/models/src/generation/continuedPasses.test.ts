import { describe, expect, it } from "vitest";
import { buildModelGraph } from "../compileModel.js";
import { defineFamily } from "../defineFamily.js";
import { llama } from "../families/llama.js";
import { loadedModel } from "../loadedModel.js";
import { memorySource, randomModel, randomTexts, randomWeights, smallConfigs, smallModels } from "../models.testkit.js";
import { continuedPasses } from "./continuedPasses.js";
import type { Passes, PositionEdits } from "./passes.js";
import { wholePasses } from "./wholePasses.js";

const options = { threads: 1 };

/** So many steps; texts end on the way, and drafts are right in part. */
async function write(passes: Passes, prompts: readonly number[][], steps: number, edits?: PositionEdits) {
  const texts = prompts.map((prompt) => [...prompt]);
  const longest = Math.max(...texts.map(({ length }) => length)) + 3 * steps;
  const step = passes.begin({ texts, longest, edits });
  const drafts: number[][] = texts.map(() => []);
  for (let i = 0; i < steps; i++) {
    // The text of number r takes part in all steps but the last r.
    const rows = [...texts.keys()].filter((row) => i < steps - row);
    const next = await step(
      rows,
      rows.map((row) => drafts[row]),
    );
    rows.forEach((row, at) => {
      texts[row].push(...next[at]);
      // What was just said again, and once more: now and then the model does say that.
      drafts[row] = i % 2 === 0 ? [next[at][0], next[at][0]].slice(0, 1 + (row % 2)) : [];
    });
  }
  return texts;
}

describe.each(smallModels)("%s", (_, model) => {
  const { dVocab, dModel } = model.sizes;

  it("goes on as a model that reads everything again, texts of any length side by side", async () => {
    const continued = (await continuedPasses(model, undefined, options)) as Passes;
    const whole = await wholePasses(model, {}, undefined, options);
    for (const lengths of [[1], [1, 1], [2, 5, 1, 4]]) {
      const prompts = randomTexts(lengths, dVocab, `${lengths}`);
      expect(await write(continued, prompts, 4)).toEqual(await write(whole, prompts, 4));
    }
    await Promise.all([continued.dispose(), whole.dispose()]);
  });

  it.each(["hook_embed", "blocks.0.hook_resid_post", "blocks.1.hook_attn_out", "ln_final.hook_normalized"])(
    "keeps to an edit at %s that it has read",
    async (hook) => {
      const continued = (await continuedPasses(model, hook, options)) as Passes;
      const whole = await wholePasses(model, {}, hook, options);
      const prompts = randomTexts([3, 2, 5], dVocab);
      const x = Float32Array.from({ length: 3 * dModel }, (_, i) => 3 * Math.sin(i));
      // The last position, too: it is what the first new token is read off.
      for (const positions of [
        [0, 1, 2],
        [2, 1, 4],
      ]) {
        const edits = { positions, x };
        expect(await write(continued, prompts, 4, edits)).toEqual(await write(whole, prompts, 4, edits));
      }
      await Promise.all([continued.dispose(), whole.dispose()]);
    },
  );
});

it("goes on up to the end of the model's length", async () => {
  const model = randomModel(smallConfigs.gpt2); // learned positions: there is none behind the last
  const { nCtx, dVocab } = model.sizes;
  const continued = (await continuedPasses(model, undefined, options)) as Passes;
  const [long, short] = randomTexts([nCtx - 2, 1], dVocab);
  const texts = [[...long], [...short]];
  const step = continued.begin({ texts, longest: nCtx, edits: undefined });
  for (let i = 0; i < 2; i++) {
    const next = await step([0, 1], [[], []]);
    next.forEach((tokens, row) => void texts[row].push(...tokens));
  }
  expect(texts.map(({ length }) => length)).toEqual([nCtx, 3]);
  await continued.dispose();
});

it("a family that remembers nothing is left to passes over whole texts", async () => {
  const forgetful = defineFamily({
    ...llama,
    forward: (args) => llama.forward({ ...args, causal: { ...args.causal, remember: () => (own) => own } }),
  });
  const model = loadedModel({
    name: "forgetful",
    family: forgetful,
    source: memorySource(smallConfigs.llama, randomWeights(smallConfigs.llama)),
    tokenizer: null,
    identity: {},
  });
  expect(await continuedPasses(model, undefined, options)).toBeNull();
  expect(() => buildModelGraph(model, {}, ({ forward }) => ({ logits: forward() }))).not.toThrow();
});
