/*
 * minGPT is GPT-2 with linear layers stored [out, in] and a head of its own. A trained one with every intermediate recorded is a check of
 * GPT-2's parts by another hand.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadedModel } from "../loadedModel.js";
import { hasShared, memorySource, relativeDifference, shared } from "../models.testkit.js";
import { runModel } from "../runModel.js";

interface Stored {
  readonly shape: number[];
  readonly data: string;
}

const folder = "data/lm-gpt-nano-sort";

const read = (file: string) => JSON.parse(readFileSync(join(shared, folder, file), "utf8"));

const decode = ({ shape, data }: Stored) => {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return { shape, data: new Float32Array(bytes.buffer) };
};

function transposed({ shape: [rows, cols], data }: { shape: number[]; data: Float32Array }) {
  return { shape: [cols, rows], data: data.map((_, i) => data[(i % rows) * cols + Math.floor(i / rows)]) };
}

describe.skipIf(!hasShared(folder))(`a recorded minGPT (skipped without ${join(shared, folder)})`, () => {
  it("goes through the same values", async () => {
    const { config, ...stored } = read("gpt-nano-sort-model.json");
    const weights = Object.fromEntries(
      Object.entries<Stored>(stored).map(([name, tensor]) => {
        const isLinear = /\.(c_attn|c_proj|c_fc)\.weight$/.test(name);
        return [name, isLinear ? transposed(decode(tensor)) : decode(tensor)];
      }),
    );
    const gpt2 = { ...config, model_type: "gpt2", n_positions: config.block_size, tie_word_embeddings: false };
    const model = loadedModel({ name: "sort", source: memorySource(gpt2, weights), tokenizer: null, identity: {} });
    const recorded = read("gpt-nano-sort-t0-partials.json");
    const { shape, data: ids } = decode(recorded.idx);
    const texts = Array.from({ length: shape[0] }, (_, row) =>
      Array.from(ids.slice(row * shape[1], (row + 1) * shape[1])),
    );
    const places = {
      hook_embed: "tok_emb",
      "blocks.0.hook_resid_pre": "x",
      "blocks.0.hook_attn_out": "yProj",
      "blocks.0.hook_resid_mid": "attnResid",
      "blocks.0.hook_mlp_out": "mlp",
      "blocks.0.hook_resid_post": "block0",
      "blocks.1.hook_resid_post": "block1",
      "blocks.2.hook_resid_post": "block2",
      "ln_final.hook_normalized": "ln_f",
    };
    const hooks = Object.keys(places) as (keyof typeof places)[];
    const { at, logits } = await runModel(model, texts, { hooks });
    for (const hook of hooks) {
      expect(relativeDifference(at[hook], decode(recorded[places[hook]])), hook).toBeLessThan(1e-5);
    }
    expect(relativeDifference(logits, decode(recorded.lm_head))).toBeLessThan(1e-5);
  });
});
