import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { namedValues } from "../namedWeights.testkit.js";
import { openGguf } from "../openGguf.js";
import { temporaryFolder } from "../temporaryFolder.testkit.js";
import {
  gemmaRows,
  gpt2Rows,
  layerNorm,
  llamaRows,
  neoxRows,
  plusOne,
  type Row,
  rms,
  tensorsOf,
} from "./convertedModels.testkit.js";
import { ggufFile, type Typed } from "./ggufFile.testkit.js";

const root = temporaryFolder("gguf-architectures");

describe("a checkpoint that was converted comes back", () => {
  test.each([
    {
      name: "llama",
      rows: llamaRows,
      metadata: {
        ...rms("llama"),
        "llama.rope.freq_base": ["float32", 500_000],
        "tokenizer.ggml.bos_token_id": ["uint32", 1],
        "tokenizer.ggml.eos_token_id": ["uint32", 2],
      },
      config: {
        model_type: "llama",
        hidden_size: 8,
        intermediate_size: 12,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        num_key_value_heads: 1,
        head_dim: 4,
        vocab_size: 5,
        max_position_embeddings: 16,
        rms_norm_eps: 1e-5,
        rope_theta: 500_000,
        rope_scaling: null,
        hidden_act: "silu",
        attention_bias: false,
        mlp_bias: false,
        tie_word_embeddings: true,
        bos_token_id: 1,
        eos_token_id: 2,
      },
    },
    {
      name: "gemma2",
      rows: gemmaRows,
      metadata: {
        ...rms("gemma2"),
        "gemma2.attn_logit_softcapping": ["float32", 50],
        "gemma2.final_logit_softcapping": ["float32", 30],
        "gemma2.attention.sliding_window": ["uint32", 6],
      },
      config: {
        model_type: "gemma2",
        hidden_size: 8,
        intermediate_size: 12,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        num_key_value_heads: 1,
        head_dim: 4,
        query_pre_attn_scalar: 4,
        vocab_size: 5,
        max_position_embeddings: 16,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000,
        attn_logit_softcapping: 50,
        final_logit_softcapping: 30,
        sliding_window: 6,
        hidden_activation: "gelu_pytorch_tanh",
        attention_bias: false,
        tie_word_embeddings: true,
      },
    },
    {
      name: "gpt2",
      rows: gpt2Rows,
      metadata: layerNorm("gpt2"),
      config: {
        model_type: "gpt2",
        n_embd: 8,
        n_inner: 12,
        n_layer: 2,
        n_head: 2,
        n_positions: 16,
        vocab_size: 5,
        layer_norm_epsilon: 1e-5,
        activation_function: "gelu_new",
        tie_word_embeddings: true,
      },
    },
    {
      name: "gptneox",
      rows: neoxRows,
      metadata: {
        ...layerNorm("gptneox"),
        "gptneox.rope.dimension_count": ["uint32", 2],
        "gptneox.use_parallel_residual": ["bool", true],
      },
      config: {
        model_type: "gpt_neox",
        hidden_size: 8,
        intermediate_size: 12,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        vocab_size: 5,
        max_position_embeddings: 16,
        layer_norm_eps: 1e-5,
        rotary_pct: 0.5,
        rotary_emb_base: 10_000,
        use_parallel_residual: true,
        hidden_act: "gelu",
        attention_bias: true,
        tie_word_embeddings: false,
      },
    },
  ] satisfies { name: string; rows: Row[]; metadata: Record<string, Typed>; config: Record<string, unknown> }[])(
    "$name",
    async ({ name, rows, metadata, config }) => {
      const path = join(root, `${name}.gguf`);
      await writeFile(path, ggufFile({ metadata, tensors: tensorsOf(rows) }));
      const source = await openGguf(path);
      expect(source.config).toEqual(config);
      expect(source.shapes).toEqual(Object.fromEntries(rows.map(([weight, , shape]) => [weight, shape])));
      for (const [weight, , shape, convert] of rows) {
        const values = namedValues(weight, shape);
        const expected = convert === plusOne ? values.map((value) => Math.fround(value + 1) - 1) : values;
        expect(await source.read(weight), weight).toEqual(expected);
      }
      await source.close();
    },
  );
});
