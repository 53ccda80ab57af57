/*
 * Every family in every option: onnxruntime against the double-precision references of the operations that the graph is made of, and what its
 * lists of weights and hooks promise.
 */
import type { Tensor } from "@sae/core";
import { describe, expect, it } from "vitest";
import { buildModelGraph, compileModel } from "../compileModel.js";
import { evaluateModelGraph, randomModel, randomTexts, relativeDifference, smallConfigs } from "../models.testkit.js";
import { tokenBatch } from "../tokenBatch.js";

const { llama, gemma2, gpt2, gpt_neox } = smallConfigs;
const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 };

const configs: Record<string, Record<string, unknown>> = {
  "llama: grouped queries, heads of a size of their own": llama,
  "llama: tied": { ...llama, tie_word_embeddings: true },
  "llama: one key head for each query head, heads share dModel": {
    ...llama,
    num_key_value_heads: null,
    head_dim: undefined,
    num_attention_heads: 2,
  },
  "llama: biases": { ...llama, attention_bias: true, mlp_bias: true },
  "llama: rope_scaling llama3": { ...llama, rope_theta: 500, rope_scaling: { rope_type: "llama3", ...llama3 } },
  "llama: rope_parameters llama3": { ...llama, rope_parameters: { rope_type: "llama3", rope_theta: 500, ...llama3 } },
  "llama: rope_scaling linear": { ...llama, rope_scaling: { type: "linear", factor: 2 } },
  "llama: another activation": { ...llama, hidden_act: "gelu" },
  "llama: one layer, one head": {
    ...llama,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    head_dim: 2,
  },
  "gemma2: a window of two positions in the first layer": gemma2,
  "gemma2: a window of one position, in the second layer": {
    ...gemma2,
    sliding_window: 1,
    layer_types: ["full_attention", "sliding_attention"],
  },
  "gemma2: no caps, untied, biases": {
    ...gemma2,
    attn_logit_softcapping: null,
    final_logit_softcapping: null,
    tie_word_embeddings: false,
    attention_bias: true,
  },
  gpt2,
  "gpt2: untied, scores not scaled": { ...gpt2, tie_word_embeddings: false, scale_attn_weights: false },
  "gpt2: scores divided by the layer's number": { ...gpt2, scale_attn_by_inverse_layer_idx: true },
  "gpt2: the usual size of its MLP": { ...gpt2, n_inner: null },
  "gpt_neox: parallel": gpt_neox,
  "gpt_neox: serial": { ...gpt_neox, use_parallel_residual: false },
  "gpt_neox: whole heads turned": { ...gpt_neox, rotary_pct: 1 },
  "gpt_neox: tied, attention without biases": { ...gpt_neox, tie_word_embeddings: true, attention_bias: false },
  "gpt_neox: rope_parameters": {
    ...gpt_neox,
    rope_parameters: { rope_type: "default", rope_theta: 100, partial_rotary_factor: 0.5 },
  },
};

describe.each(Object.entries(configs))("%s", (_title, config) => {
  const model = randomModel(config);
  const hooks = model.family.hookNames(model.config);
  const all = ({ read }: { read(names: readonly string[]): { at: Record<string, Tensor>; logits: Tensor } }) => {
    const { at, logits } = read(hooks);
    return { ...at, logits } as Record<string, Tensor>;
  };

  it("gives the same in onnxruntime as in plain double precision, at every hook and length", async () => {
    const program = await compileModel(model, {}, all, { threads: 1 });
    for (const lengths of [[7, 7], [1]]) {
      const { tokens } = tokenBatch(randomTexts(lengths, model.sizes.dVocab), model.sizes);
      const got = await program.run({ tokens });
      const expected = await evaluateModelGraph(model, buildModelGraph(model, {}, all), { tokens });
      for (const name of [...hooks, "logits"]) {
        expect(relativeDifference(got[name], expected[name]), name).toBeLessThan(1e-5);
      }
    }
    await program.dispose();
  });

  it("uses each weight of its list, and meets its hooks in the order of its list", () => {
    const met: string[] = [];
    const { weights } = buildModelGraph(model, {}, ({ forward }) => {
      const noting = (name: string) => (x: Tensor) => {
        met.push(name);
        return x;
      };
      return { logits: forward(Object.fromEntries(hooks.map((name) => [name, noting(name)]))) };
    });
    expect(Object.keys(weights)).toEqual(Object.keys(model.family.weights(model.config)));
    expect(met).toEqual(hooks);
  });
});

it("hooks have TransformerLens's names", () => {
  const names = (config: Record<string, unknown>) => {
    const { family, config: parsed } = randomModel(config);
    return family.hookNames(parsed).filter((name) => !name.startsWith("blocks.1."));
  };
  expect(names(gpt2)).toEqual([
    "hook_embed",
    "hook_pos_embed",
    "blocks.0.hook_resid_pre",
    "blocks.0.hook_attn_out",
    "blocks.0.hook_resid_mid",
    "blocks.0.hook_mlp_out",
    "blocks.0.hook_resid_post",
    "ln_final.hook_normalized",
  ]);
  expect(names(llama)).toEqual(names(gpt2).filter((name) => name !== "hook_pos_embed"));
  expect(names(gpt_neox)).toEqual(names(llama).filter((name) => name !== "blocks.0.hook_resid_mid"));
});
