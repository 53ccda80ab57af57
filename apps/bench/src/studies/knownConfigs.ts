/**
 * config.json of models that presets name, as far as sizes and costs depend on it: what a plan needs of a model that is not on this machine. Running
 * one reads its own.
 */
export const knownConfigs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "tinyllama-1.1b": {
    model_type: "llama",
    hidden_size: 2048,
    intermediate_size: 5632,
    num_hidden_layers: 22,
    num_attention_heads: 32,
    num_key_value_heads: 4,
    vocab_size: 32_000,
    max_position_embeddings: 2048,
  },
  "google/gemma-2-2b": {
    model_type: "gemma2",
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 26,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    vocab_size: 256_000,
    max_position_embeddings: 8192,
  },
  "meta-llama/Llama-3.1-8B": {
    model_type: "llama",
    hidden_size: 4096,
    intermediate_size: 14_336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    vocab_size: 128_256,
    max_position_embeddings: 131_072,
  },
};
