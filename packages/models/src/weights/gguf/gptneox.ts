import type { GgufArchitecture } from "./ggufArchitecture.js";
import { type GgufFacts, tokenIds } from "./ggufFacts.js";

const headSize = (facts: GgufFacts): number => facts.number("embedding_length") / facts.number("attention.head_count");

/** GPT-NeoX and Pythia. */
export const gptneox: GgufArchitecture = {
  name: "gptneox",
  config: (facts) => ({
    model_type: "gpt_neox",
    hidden_size: facts.number("embedding_length"),
    intermediate_size: facts.number("feed_forward_length"),
    num_hidden_layers: facts.number("block_count"),
    num_attention_heads: facts.number("attention.head_count"),
    vocab_size: facts.shape("token_embd.weight")[0],
    max_position_embeddings: facts.number("context_length"),
    layer_norm_eps: facts.number("attention.layer_norm_epsilon"),
    rotary_pct: facts.number("rope.dimension_count") / headSize(facts),
    rotary_emb_base: facts.number("rope.freq_base", 10_000),
    use_parallel_residual: facts.truth("use_parallel_residual", true),
    hidden_act: "gelu",
    attention_bias: true,
    tie_word_embeddings: !facts.has("output.weight"),
    ...tokenIds(facts),
  }),
  tensors: (facts) => {
    const dHead = headSize(facts);
    const dModel = facts.number("embedding_length");
    // the checkpoint goes through the heads and has query, key and value of each; the file has all queries, all keys, all values
    const row = (byHead: number): number => {
      const head = Math.floor(byHead / (3 * dHead));
      const part = Math.floor(byHead / dHead) % 3;
      return part * dModel + head * dHead + (byHead % dHead);
    };
    return {
      token_embd: "gpt_neox.embed_in",
      "blk.#.attn_norm": "gpt_neox.layers.#.input_layernorm",
      "blk.#.attn_qkv": { to: "gpt_neox.layers.#.attention.query_key_value", row },
      "blk.#.attn_output": "gpt_neox.layers.#.attention.dense",
      "blk.#.ffn_norm": "gpt_neox.layers.#.post_attention_layernorm",
      "blk.#.ffn_up": "gpt_neox.layers.#.mlp.dense_h_to_4h",
      "blk.#.ffn_down": "gpt_neox.layers.#.mlp.dense_4h_to_h",
      output_norm: "gpt_neox.final_layer_norm",
      output: "embed_out",
    };
  },
};
