import type { GgufArchitecture, GgufTarget } from "./ggufArchitecture.js";
import { tokenIds } from "./ggufFacts.js";

/** The checkpoint has the weight as [in, out], the file as [out, in] (`GPT2Model.modify_tensors` in llama.cpp's converter). */
const transposed = (to: string): GgufTarget => ({ to, transposed: true });

/** GPT-2. */
export const gpt2: GgufArchitecture = {
  name: "gpt2",
  config: (facts) => ({
    model_type: "gpt2",
    n_embd: facts.number("embedding_length"),
    n_inner: facts.number("feed_forward_length"),
    n_layer: facts.number("block_count"),
    n_head: facts.number("attention.head_count"),
    n_positions: facts.number("context_length"),
    vocab_size: facts.shape("token_embd.weight")[0],
    layer_norm_epsilon: facts.number("attention.layer_norm_epsilon"),
    activation_function: "gelu_new",
    tie_word_embeddings: !facts.has("output.weight"),
    ...tokenIds(facts),
  }),
  tensors: () => ({
    token_embd: "transformer.wte",
    position_embd: "transformer.wpe",
    "blk.#.attn_norm": "transformer.h.#.ln_1",
    "blk.#.attn_qkv": transposed("transformer.h.#.attn.c_attn"),
    "blk.#.attn_output": transposed("transformer.h.#.attn.c_proj"),
    "blk.#.ffn_norm": "transformer.h.#.ln_2",
    "blk.#.ffn_up": transposed("transformer.h.#.mlp.c_fc"),
    "blk.#.ffn_down": transposed("transformer.h.#.mlp.c_proj"),
    output_norm: "transformer.ln_f",
    output: "lm_head",
  }),
};
