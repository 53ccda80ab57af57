import { type CorpusRecipe, embeddedCorpus } from "@sae/corpora";
import type { TrainingRecipeInput } from "@sae/models";

/** Everything that the model depends on besides the texts. */
export interface EmbeddedRecipe extends CorpusRecipe {
  /** Entries of the vocabulary. */
  readonly dVocab: number;
  /** The model's config.json, without what the vocabulary decides. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: TrainingRecipeInput & { readonly steps: number; readonly nCtx: number };
}

const nCtx = 256;

/** How the embedded model is made. */
export const embeddedRecipe: EmbeddedRecipe = {
  dVocab: 4096,
  model: {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_act: "silu",
    hidden_size: 256,
    intermediate_size: 704,
    num_hidden_layers: 6,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 64,
    max_position_embeddings: nCtx,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
    attention_bias: false,
    mlp_bias: false,
    torch_dtype: "float16",
  },
  // 2 · 6 contexts of 256 tokens a step: 8.6 million tokens. While the learning rate is constant (to step 1960), `steps` may be changed for a
  // run that has begun: to end it sooner on a slower machine, or later.
  training: {
    steps: 2800,
    shards: 2,
    pieces: 1,
    rows: 6,
    nCtx,
    lr: 2e-3,
    warmup: 60,
    decay: 0.3,
    beta1: 0.9,
    beta2: 0.95,
    weightDecay: 0.1,
    clip: 1,
    // About 1 / √dModel.
    initialScale: 0.05,
    seed: 1,
  },
  ...embeddedCorpus,
};

/** Cities alone, and fewer: to see within a quarter of an hour whether facts are learned. */
export const pilotRecipe: EmbeddedRecipe = {
  ...embeddedRecipe,
  training: { ...embeddedRecipe.training, steps: 600, rows: 4, warmup: 30 },
  mixture: { cities: 1 },
  cities: { ...embeddedRecipe.cities, count: 200, rounds: 60 },
};
