import type { GgufArchitecture, GgufTarget } from "./ggufArchitecture.js";
import { tokenIds } from "./ggufFacts.js";

/** The file has the factor 1 + w of a norm, the checkpoint has w (`Gemma2Model.modify_tensors` in llama.cpp's converter). */
const norm = (to: string): GgufTarget => ({ to, plus: -1 });

/** Layers of the largest Gemma 2, which alone scales queries by its width (llama.cpp, `LLM_ARCH_GEMMA2`). */
const LAYERS_27B = 46;

/** Gemma 2. Rotary pairs are split in these files as in the checkpoint. */
export const gemma2: GgufArchitecture = {
  name: "gemma2",
  config: (facts) => {
    const dModel = facts.number("embedding_length");
    const heads = facts.number("attention.head_count");
    const layers = facts.number("block_count");
    const dHead = facts.number("attention.key_length");
    return {
      model_type: "gemma2",
      hidden_size: dModel,
      intermediate_size: facts.number("feed_forward_length"),
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: facts.number("attention.head_count_kv", heads),
      head_dim: dHead,
      query_pre_attn_scalar: layers === LAYERS_27B ? dModel / heads : dHead,
      vocab_size: facts.shape("token_embd.weight")[0],
      max_position_embeddings: facts.number("context_length"),
      rms_norm_eps: facts.number("attention.layer_norm_rms_epsilon"),
      rope_theta: facts.number("rope.freq_base", 10_000),
      attn_logit_softcapping: facts.number("attn_logit_softcapping", 50),
      final_logit_softcapping: facts.number("final_logit_softcapping", 30),
      sliding_window: facts.number("attention.sliding_window", 4096),
      hidden_activation: "gelu_pytorch_tanh",
      attention_bias: false,
      tie_word_embeddings: true,
      ...tokenIds(facts),
    };
  },
  tensors: () => ({
    token_embd: "model.embed_tokens",
    "blk.#.attn_norm": norm("model.layers.#.input_layernorm"),
    "blk.#.attn_q": "model.layers.#.self_attn.q_proj",
    "blk.#.attn_k": "model.layers.#.self_attn.k_proj",
    "blk.#.attn_v": "model.layers.#.self_attn.v_proj",
    "blk.#.attn_output": "model.layers.#.self_attn.o_proj",
    "blk.#.post_attention_norm": norm("model.layers.#.post_attention_layernorm"),
    "blk.#.ffn_norm": norm("model.layers.#.pre_feedforward_layernorm"),
    "blk.#.ffn_gate": "model.layers.#.mlp.gate_proj",
    "blk.#.ffn_up": "model.layers.#.mlp.up_proj",
    "blk.#.ffn_down": "model.layers.#.mlp.down_proj",
    "blk.#.post_ffw_norm": norm("model.layers.#.post_feedforward_layernorm"),
    output_norm: norm("model.norm"),
  }),
};
