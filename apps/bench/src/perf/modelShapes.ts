import { fillNormal, fold, key } from "@sae/core";
import { familyOf, type LanguageModel, loadedModel } from "@sae/models";

/** A language model to time, with random weights of its shape. */
export interface ModelPerfShape {
  readonly name: string;
  /** As in a Hugging Face config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly batch: number;
  readonly seq: number;
  /** Whether a training step is timed, too. */
  readonly trains: boolean;
  /** The block after which the model is cut for the passes of evaluations. */
  readonly cutAfter: number;
}

/** The shape of the embedded model, and two blocks of TinyLlama: all of its blocks are alike. */
export const modelPerfShapes: readonly ModelPerfShape[] = [
  {
    name: "llama-256x6",
    config: {
      model_type: "llama",
      hidden_size: 256,
      intermediate_size: 704,
      num_hidden_layers: 6,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 64,
      vocab_size: 4096,
      max_position_embeddings: 256,
      tie_word_embeddings: true,
    },
    batch: 6,
    seq: 256,
    trains: true,
    cutAfter: 3,
  },
  {
    name: "tinyllama-blocks",
    config: {
      model_type: "llama",
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 2,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      vocab_size: 64,
      max_position_embeddings: 2048,
    },
    batch: 8,
    seq: 128,
    trains: false,
    cutAfter: 0,
  },
];

/** A model of a shape. */
export function randomModel({ name, config }: Pick<ModelPerfShape, "name" | "config">): LanguageModel {
  const family = familyOf(config);
  const shapes: Readonly<Record<string, readonly number[]>> = family.weights(family.config.parse(config));
  const source = {
    config,
    path: name,
    shapes,
    read: async (weight: string) => {
      const size = shapes[weight].reduce((product, dim) => product * dim, 1);
      return fillNormal(fold(key("perf"), weight), new Float32Array(size)).map((value) => value / 50);
    },
    close: async () => {},
  };
  return loadedModel({ name, source, tokenizer: null, identity: {} });
}

/** So many texts of so many tokens. */
export const someTexts = ({ sizes }: LanguageModel, batch: number, seq: number): Int32Array[] =>
  Array.from({ length: batch }, (_, row) =>
    Int32Array.from({ length: seq }, (_, i) => (row * 7 + i * 13) % sizes.dVocab),
  );
