import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  evaluateGraph,
  fillNormal,
  fold,
  key,
  type NdArray,
  ndArray,
  readSafetensors,
  type Tensor,
  toFloat32,
  type Value,
} from "@sae/core";
import type { ModelGraph } from "./compileModel.js";
import { familyOf } from "./families/families.js";
import type { LanguageModel } from "./languageModel.js";
import { loadedModel } from "./loadedModel.js";
import type { WeightSource } from "./weights/weightSource.js";

/** Reference data that lies outside the project. */
export const shared = process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../shared");

/** Weights that are in memory. */
export function memorySource(
  config: Readonly<Record<string, unknown>>,
  weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>,
): WeightSource & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    config,
    path: "memory",
    shapes: Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape])),
    read: async (name) => {
      reads.push(name);
      return weights[name].data;
    },
    close: async () => {},
    reads,
  };
}

/**
 * Weights of a family drawn from keyed streams: N(0, 0.3²), norms' scales around `scale`. Large enough for every part of the model to matter.
 */
export function randomWeights(config: Readonly<Record<string, unknown>>, seed = "random model") {
  const family = familyOf(config);
  return Object.fromEntries(
    Object.entries(family.weights(family.config.parse(config))).map(([name, shape]) => {
      const data = fillNormal(fold(key(seed), name), new Float32Array(shape.reduce((a, b) => a * b, 1)));
      const isScale = /(norm|ln_1|ln_2|ln_f)\.weight$/.test(name);
      const centre = isScale && family.name !== "gemma2" ? 1 : 0;
      return [name, { shape, data: data.map((value) => centre + 0.3 * value) }];
    }),
  );
}

/** A random model of the family that the config names. */
export const randomModel = (config: Readonly<Record<string, unknown>>, seed?: string): LanguageModel =>
  loadedModel({
    name: "random",
    source: memorySource(config, randomWeights(config, seed)),
    tokenizer: null,
    identity: {},
  });

/** Reads `config.json` and `model.safetensors` of a folder. */
export async function folderModel(folder: string): Promise<LanguageModel> {
  const { tensors } = await readSafetensors(join(folder, "model.safetensors"));
  const weights = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]),
  );
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  return loadedModel({ name: folder, source: memorySource(config, weights), tokenizer: null, identity: {} });
}

/** Whether a folder of reference data is there. */
export const hasShared = (folder: string): boolean => existsSync(join(shared, folder));

/** Texts of token ids from a keyed stream. */
export const randomTexts = (lengths: readonly number[], dVocab: number, seed = "texts"): number[][] =>
  lengths.map((length, row) =>
    Array.from(
      fillNormal(fold(key(seed), row), new Float32Array(length)),
      (value) => Math.floor(Math.abs(value) * 7919) % dVocab,
    ),
  );

/** A small config of each family: sizes that are all different, and a window that is shorter than the texts. */
export const smallConfigs = {
  llama: {
    model_type: "llama",
    hidden_size: 12,
    intermediate_size: 20,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 6,
    vocab_size: 23,
    max_position_embeddings: 64,
  },
  gemma2: {
    model_type: "gemma2",
    hidden_size: 12,
    intermediate_size: 20,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 6,
    vocab_size: 23,
    max_position_embeddings: 64,
    query_pre_attn_scalar: 9,
    attn_logit_softcapping: 5,
    final_logit_softcapping: 3,
    sliding_window: 2,
  },
  gpt2: { model_type: "gpt2", n_embd: 12, n_layer: 2, n_head: 3, n_positions: 16, n_inner: 20, vocab_size: 23 },
  gpt_neox: {
    model_type: "gpt_neox",
    hidden_size: 16,
    intermediate_size: 20,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    vocab_size: 23,
    max_position_embeddings: 64,
  },
} as const satisfies Record<string, Record<string, unknown>>;

/** Name and random model of each small config. */
export const smallModels = Object.entries(smallConfigs).map(
  ([family, config]) => [family, randomModel(config)] as const,
);

/** Evaluates a graph over a model with the plain double-precision references of @sae/core's operations. */
export async function evaluateModelGraph<Extra extends string, Outputs extends string>(
  model: LanguageModel,
  { tokens, inputs, weights, outputs }: ModelGraph<Extra, Outputs>,
  feeds: Readonly<Record<"tokens" | Extra, Value>>,
): Promise<Record<Outputs, NdArray>> {
  const bindings = new Map<Tensor, NdArray>();
  const bind = (tensor: Tensor, shape: readonly number[], data: ArrayLike<number | bigint>) =>
    bindings.set(tensor, ndArray(shape, Array.from(data, Number)));
  for (const [name, tensor] of Object.entries<Tensor>({ tokens, ...inputs })) {
    const { shape, data } = feeds[name as Extra];
    bind(tensor, shape, data);
  }
  for (const [name, tensor] of Object.entries(weights)) {
    bind(tensor, tensor.shape as readonly number[], await model.weight(name));
  }
  const names = Object.keys(outputs) as Outputs[];
  const results = evaluateGraph(
    names.map((name) => outputs[name]),
    bindings,
  );
  return Object.fromEntries(names.map((name, i) => [name, results[i]])) as Record<Outputs, NdArray>;
}

/** Largest difference of two results of one shape, as a part of the largest expected value. */
export function relativeDifference(
  got: { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> },
  expected: { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> },
): number {
  if (got.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  let [worst, largest] = [0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    const difference = Math.abs(Number(got.data[i]) - Number(expected.data[i]));
    worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(Number(expected.data[i])));
  }
  return worst === 0 ? 0 : worst / largest;
}
