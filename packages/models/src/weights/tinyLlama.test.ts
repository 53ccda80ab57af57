import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cacheFolder } from "../cacheFolder.js";
import { openGguf } from "./openGguf.js";
import { registry } from "./registry.js";

const tinyLlama = registry[0];
const file = join(cacheFolder(), "models", tinyLlama.name, tinyLlama.file);

describe.skipIf(!existsSync(file))(`${tinyLlama.title} (skipped without ${file})`, () => {
  test("tensors, config, tokenizer and weights", async () => {
    const source = await openGguf(file);
    const counts: Record<string, number> = {};
    for (const type of Object.values(source.types)) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual({ F32: 45, IQ2_XXS: 130, Q2_K: 3, Q4_K: 22, Q5_K: 1 });
    expect(Object.keys(source.shapes)).toHaveLength(201);
    expect(source.config).toMatchObject({
      model_type: "llama",
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 22,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      vocab_size: 32_000,
      max_position_embeddings: 2048,
      rms_norm_eps: 1e-5,
      tie_word_embeddings: false,
    });
    expect(source.tokenizer?.["tokenizer.ggml.tokens"]).toHaveLength(32_000);

    // one of each type, and sums of what the gguf package for Python reads, with rows put in order by numpy
    const sums: Record<string, string> = {};
    for (const name of [
      "model.norm.weight",
      "lm_head.weight",
      "model.layers.0.self_attn.q_proj.weight",
      "model.layers.21.self_attn.k_proj.weight",
      "model.layers.3.self_attn.v_proj.weight",
      "model.layers.0.mlp.down_proj.weight",
    ]) {
      const values = await source.read(name);
      let squares = 0;
      for (const value of values) squares += value * value;
      const rms = Math.sqrt(squares / values.length); // no number at all unless all values are
      expect(rms, name).toBeGreaterThan(0.005);
      expect(rms, name).toBeLessThan(5);
      sums[`${name} ${source.types[name]}`] = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
    }
    expect(sums).toMatchInlineSnapshot(`
      {
        "lm_head.weight Q5_K": "341adc007cbcceffdca5a5bd40fe85e89a6cd3c30f528f4053b9386bfcbccec8",
        "model.layers.0.mlp.down_proj.weight Q2_K": "c4e12020e92dd551607ce79c8c019d41489aae9fb8a5ef10f82375b600f75a16",
        "model.layers.0.self_attn.q_proj.weight IQ2_XXS": "8dc8172bed6cd93cf46863bb7475948cd30190ababfe32f218cd8b7903724bb0",
        "model.layers.21.self_attn.k_proj.weight IQ2_XXS": "223ecf883a73046b1f92d01a41d95b0749f46689e05a1d9db6602c385d2c1685",
        "model.layers.3.self_attn.v_proj.weight Q4_K": "1131cee19a7e3bf7e09ad1e1e95eedf586b3a65ad212f48a496feb9212eb4afa",
        "model.norm.weight F32": "fc55e713ccbd685cd6c0defdd045332210d5f3a8621ba77a715a2295967d2e0b",
      }
    `);
    await source.close();
  });
});
