/*
 * One tiny random llama with a tokenizer of letters, as the files of each format.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodeSafetensors } from "@sae/core";
import { randomWeights } from "./models.testkit.js";
import { float32Tensor, ggufFile } from "./weights/gguf/ggufFile.testkit.js";
import { interleaved } from "./weights/namedWeights.testkit.js";

const [dModel, dMlp, nLayers, nHeads, nKvHeads, nCtx] = [16, 20, 2, 4, 2, 64];
const dHead = dModel / nHeads;

/** Vocabulary: three special tokens, bytes with one character each (Ġ is the space), two merged pieces. */
const pieces = ["<unk>", "<s>", "</s>", "Ġ", ..."abdeghilnorstuy", "th", "the"];

export const tinyConfig = {
  model_type: "llama",
  hidden_size: dModel,
  intermediate_size: dMlp,
  num_hidden_layers: nLayers,
  num_attention_heads: nHeads,
  num_key_value_heads: nKvHeads,
  vocab_size: pieces.length,
  max_position_embeddings: nCtx,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};

export const tinyWeights = randomWeights(tinyConfig);

const json = (value: unknown): string => JSON.stringify(value);

const tokenizerFiles = {
  "tokenizer.json": json({
    added_tokens: pieces.slice(0, 3).map((content, id) => ({ id, content, special: true })),
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges: ["t h", "th e"] },
  }),
  "tokenizer_config.json": json({ bos_token: "<s>", eos_token: "</s>", add_bos_token: true }),
};

const stored = (names: readonly string[]) =>
  encodeSafetensors(
    Object.fromEntries(names.map((name) => [name, { dtype: "float32" as const, ...tinyWeights[name] }])),
  );

/** The files of a Hugging Face repository: weights in one file, or in two shards with their index. */
export function huggingFaceFiles({ shards = false } = {}): Record<string, Uint8Array | string> {
  const names = Object.keys(tinyWeights);
  const common = { "config.json": json(tinyConfig), ...tokenizerFiles };
  if (!shards) return { ...common, "model.safetensors": stored(names) };
  const [one, two] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const [first, second] = [names.slice(0, 7), names.slice(7)];
  const map = Object.fromEntries(names.map((name) => [name, first.includes(name) ? one : two]));
  return {
    ...common,
    [one]: stored(first),
    [two]: stored(second),
    "model.safetensors.index.json": json({ weight_map: map }),
  };
}

/** The checkpoint of llama2.c: seven numbers, then the weights in its order. */
export function llama2cFile(): Uint8Array {
  const layers = (name: string, change = (data: Float32Array) => data) =>
    Array.from({ length: nLayers }, (_, layer) => change(tinyWeights[`model.layers.${layer}.${name}.weight`].data));
  const rotary = (data: Float32Array) => interleaved(data, dHead, dModel);
  const arrays = [
    Int32Array.of(dModel, dMlp, nLayers, nHeads, nKvHeads, pieces.length, nCtx),
    tinyWeights["model.embed_tokens.weight"].data,
    ...layers("input_layernorm"),
    ...layers("self_attn.q_proj", rotary),
    ...layers("self_attn.k_proj", rotary),
    ...layers("self_attn.v_proj"),
    ...layers("self_attn.o_proj"),
    ...layers("post_attention_layernorm"),
    ...layers("mlp.gate_proj"),
    ...layers("mlp.down_proj"),
    ...layers("mlp.up_proj"),
    tinyWeights["model.norm.weight"].data,
    new Float32Array(nCtx * dHead),
  ];
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  );
}

/** Names that llama.cpp has for the tensors of a block. */
const ggufNames = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** A GGUF file with the tokenizer in it, as llama.cpp's converter writes it: rotary rows interleaved. */
export function tinyGgufFile(): Uint8Array {
  const tensor = (name: string) => {
    const { shape, data } = tinyWeights[`${name}.weight`];
    return float32Tensor(shape, /[qk]_proj/.test(name) ? interleaved(data, dHead, dModel) : data);
  };
  const blocks = Array.from({ length: nLayers }, (_, layer) =>
    Object.entries(ggufNames).map(([name, stored]) => [
      `blk.${layer}.${stored}.weight`,
      tensor(`model.layers.${layer}.${name}`),
    ]),
  );
  return ggufFile({
    metadata: {
      "general.architecture": ["string", "llama"],
      "llama.embedding_length": ["uint32", dModel],
      "llama.block_count": ["uint32", nLayers],
      "llama.feed_forward_length": ["uint32", dMlp],
      "llama.context_length": ["uint32", nCtx],
      "llama.attention.head_count": ["uint32", nHeads],
      "llama.attention.head_count_kv": ["uint32", nKvHeads],
      "llama.attention.layer_norm_rms_epsilon": ["float32", 1e-5],
      "tokenizer.ggml.model": ["string", "gpt2"],
      "tokenizer.ggml.pre": ["string", "gpt-2"],
      "tokenizer.ggml.tokens": ["array", "string", pieces],
      "tokenizer.ggml.token_type": ["array", "int32", pieces.map((_, id) => (id < 3 ? 3 : 1))],
      "tokenizer.ggml.merges": ["array", "string", ["t h", "th e"]],
      "tokenizer.ggml.bos_token_id": ["uint32", 1],
      "tokenizer.ggml.eos_token_id": ["uint32", 2],
      "tokenizer.ggml.add_bos_token": ["bool", true],
    },
    tensors: {
      "token_embd.weight": tensor("model.embed_tokens"),
      ...Object.fromEntries(blocks.flat()),
      "output_norm.weight": tensor("model.norm"),
    },
  });
}

/** The tokenizer of llama2.c: the length of the longest piece, then score, length and bytes of each. */
export function llama2cTokenizerFile(count = pieces.length): Uint8Array {
  const parts = [Buffer.from(Int32Array.of(7).buffer)];
  for (let id = 0; id < count; id++) {
    const piece = Buffer.from((pieces[id] ?? `#${id}`).replace("Ġ", " "));
    parts.push(Buffer.from(Float32Array.of(id).buffer), Buffer.from(Int32Array.of(piece.length).buffer), piece);
  }
  return Buffer.concat(parts);
}

/** Writes files into a folder, which is made. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}
