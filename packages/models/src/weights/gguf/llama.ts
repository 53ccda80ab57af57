import { SaeError } from "@sae/core";
import { interleavedRow } from "../rotaryRows.js";
import type { GgufArchitecture } from "./ggufArchitecture.js";
import { type GgufFacts, tokenIds } from "./ggufFacts.js";
import { ropeScaling } from "./ropeScaling.js";

const headSize = (facts: GgufFacts): number =>
  facts.number("attention.key_length", facts.number("embedding_length") / facts.number("attention.head_count"));

/** Llama, Mistral and their kin. Rotary pairs are interleaved in these files (`LlamaModel.permute` in llama.cpp's converter). */
export const llama: GgufArchitecture = {
  name: "llama",
  config: (facts) => {
    const dHead = headSize(facts);
    const rotated = facts.number("rope.dimension_count", dHead);
    const experts = facts.number("expert_count", 0);
    if (experts > 0 || rotated !== dHead) {
      const got = experts > 0 ? `${experts} experts` : `${rotated} of ${dHead}`;
      throw new SaeError(
        "unsupported_config",
        `${facts.what}: needed a dense llama that turns all features, got ${got}`,
      );
    }
    const heads = facts.number("attention.head_count");
    const base = facts.number("rope.freq_base", 10_000);
    return {
      model_type: "llama",
      hidden_size: facts.number("embedding_length"),
      intermediate_size: facts.number("feed_forward_length"),
      num_hidden_layers: facts.number("block_count"),
      num_attention_heads: heads,
      num_key_value_heads: facts.number("attention.head_count_kv", heads),
      head_dim: dHead,
      vocab_size: facts.shape("token_embd.weight")[0],
      max_position_embeddings: facts.number("context_length"),
      rms_norm_eps: facts.number("attention.layer_norm_rms_epsilon"),
      rope_theta: base,
      rope_scaling: ropeScaling(facts, dHead, base),
      hidden_act: "silu",
      attention_bias: facts.has("blk.0.attn_q.bias"),
      mlp_bias: facts.has("blk.0.ffn_up.bias"),
      tie_word_embeddings: !facts.has("output.weight"),
      ...tokenIds(facts),
    };
  },
  tensors: (facts) => {
    const dHead = headSize(facts);
    const row = (split: number): number => interleavedRow(split, dHead);
    return {
      token_embd: "model.embed_tokens",
      "blk.#.attn_norm": "model.layers.#.input_layernorm",
      "blk.#.attn_q": { to: "model.layers.#.self_attn.q_proj", row },
      "blk.#.attn_k": { to: "model.layers.#.self_attn.k_proj", row },
      "blk.#.attn_v": "model.layers.#.self_attn.v_proj",
      "blk.#.attn_output": "model.layers.#.self_attn.o_proj",
      "blk.#.ffn_norm": "model.layers.#.post_attention_layernorm",
      "blk.#.ffn_gate": "model.layers.#.mlp.gate_proj",
      "blk.#.ffn_up": "model.layers.#.mlp.up_proj",
      "blk.#.ffn_down": "model.layers.#.mlp.down_proj",
      output_norm: "model.norm",
      output: "lm_head",
    };
  },
};
