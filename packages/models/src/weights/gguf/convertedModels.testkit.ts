import { interleaved, namedValues } from "../namedWeights.testkit.js";
import { float32Tensor, type TensorToWrite, type Typed } from "./ggufFile.testkit.js";

/* Tiny models of each architecture, as their checkpoints have them and as llama.cpp's converter writes them. */

const [heads, kvHeads, dMlp, layers] = [2, 1, 12, 2];
export const [dModel, dHead, dVocab] = [8, 4, 5];
const common = (architecture: string): Record<string, Typed> => ({
  "general.architecture": ["string", architecture],
  [`${architecture}.embedding_length`]: ["uint32", dModel],
  [`${architecture}.block_count`]: ["uint32", layers],
  [`${architecture}.feed_forward_length`]: ["uint32", dMlp],
  [`${architecture}.context_length`]: ["uint32", 16],
  [`${architecture}.attention.head_count`]: ["uint32", heads],
});
export const rms = (architecture: string): Record<string, Typed> => ({
  ...common(architecture),
  [`${architecture}.attention.head_count_kv`]: ["uint32", kvHeads],
  [`${architecture}.attention.key_length`]: ["uint32", dHead],
  [`${architecture}.attention.layer_norm_rms_epsilon`]: ["float32", 1e-5],
});
export const layerNorm = (architecture: string): Record<string, Typed> => ({
  ...common(architecture),
  [`${architecture}.attention.layer_norm_epsilon`]: ["float32", 1e-5],
});

/** A weight of the checkpoint, the tensor that it is in a file, and what llama.cpp's converter makes of it (nothing when left out). */
export type Row = readonly [
  weight: string,
  tensor: string,
  shape: readonly number[],
  convert?: (w: Float32Array) => { shape?: readonly number[]; values: Float32Array },
];
const inLayers = (rows: readonly Row[]): Row[] =>
  Array.from({ length: layers }, (_, layer) =>
    rows.map(
      ([weight, tensor, ...rest]): Row => [weight.replace("#", `${layer}`), tensor.replace("#", `${layer}`), ...rest],
    ),
  ).flat();

const rotary = (w: Float32Array) => ({ values: interleaved(w, dHead, dModel) });
export const llamaRows: Row[] = [
  ["model.embed_tokens.weight", "token_embd.weight", [dVocab, dModel]],
  ...inLayers([
    ["model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", [dModel]],
    ["model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight", [heads * dHead, dModel], rotary],
    ["model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight", [kvHeads * dHead, dModel], rotary],
    ["model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight", [kvHeads * dHead, dModel]],
    ["model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight", [dModel, heads * dHead]],
    ["model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight", [dModel]],
    ["model.layers.#.mlp.gate_proj.weight", "blk.#.ffn_gate.weight", [dMlp, dModel]],
    ["model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight", [dMlp, dModel]],
    ["model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight", [dModel, dMlp]],
  ]),
  ["model.norm.weight", "output_norm.weight", [dModel]],
];

export const plusOne = (w: Float32Array) => ({ values: w.map((value) => value + 1) });
export const gemmaRows: Row[] = [
  ["model.embed_tokens.weight", "token_embd.weight", [dVocab, dModel]],
  ...inLayers([
    ["model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", [dModel], plusOne],
    ["model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight", [heads * dHead, dModel]],
    ["model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight", [kvHeads * dHead, dModel]],
    ["model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight", [kvHeads * dHead, dModel]],
    ["model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight", [dModel, heads * dHead]],
    ["model.layers.#.post_attention_layernorm.weight", "blk.#.post_attention_norm.weight", [dModel], plusOne],
    ["model.layers.#.pre_feedforward_layernorm.weight", "blk.#.ffn_norm.weight", [dModel], plusOne],
    ["model.layers.#.post_feedforward_layernorm.weight", "blk.#.post_ffw_norm.weight", [dModel], plusOne],
    ["model.layers.#.mlp.gate_proj.weight", "blk.#.ffn_gate.weight", [dMlp, dModel]],
    ["model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight", [dMlp, dModel]],
    ["model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight", [dModel, dMlp]],
  ]),
  ["model.norm.weight", "output_norm.weight", [dModel], plusOne],
];

/** [rows, columns] → [columns, rows] */
const turned = (rows: number, columns: number) => (w: Float32Array) => ({
  shape: [columns, rows],
  values: Float32Array.from({ length: rows * columns }, (_, i) => w[(i % rows) * columns + Math.floor(i / rows)]),
});
const withBias = (rows: readonly Row[]): Row[] =>
  rows.flatMap(([weight, tensor, shape, convert]): Row[] => [
    [`${weight}.weight`, `${tensor}.weight`, shape, convert],
    [`${weight}.bias`, `${tensor}.bias`, [convert && shape.length === 2 ? shape[1] : shape[0]]],
  ]);
export const gpt2Rows: Row[] = [
  ["transformer.wte.weight", "token_embd.weight", [dVocab, dModel]],
  ["transformer.wpe.weight", "position_embd.weight", [16, dModel]],
  ...inLayers(
    withBias([
      ["transformer.h.#.ln_1", "blk.#.attn_norm", [dModel]],
      ["transformer.h.#.attn.c_attn", "blk.#.attn_qkv", [dModel, 3 * dModel], turned(dModel, 3 * dModel)],
      ["transformer.h.#.attn.c_proj", "blk.#.attn_output", [dModel, dModel], turned(dModel, dModel)],
      ["transformer.h.#.ln_2", "blk.#.ffn_norm", [dModel]],
      ["transformer.h.#.mlp.c_fc", "blk.#.ffn_up", [dModel, dMlp], turned(dModel, dMlp)],
      ["transformer.h.#.mlp.c_proj", "blk.#.ffn_down", [dMlp, dModel], turned(dMlp, dModel)],
    ]),
  ),
  ["transformer.ln_f.weight", "output_norm.weight", [dModel]],
  ["transformer.ln_f.bias", "output_norm.bias", [dModel]],
];

/** [heads, 3, dHead, width] → [3, heads, dHead, width] */
const byPart = (width: number) => (w: Float32Array) => {
  const pieces: number[] = [];
  for (let part = 0; part < 3; part++) {
    for (let head = 0; head < heads; head++) {
      const from = (head * 3 + part) * dHead * width;
      pieces.push(...w.subarray(from, from + dHead * width));
    }
  }
  return { values: Float32Array.from(pieces) };
};
export const neoxRows: Row[] = [
  ["gpt_neox.embed_in.weight", "token_embd.weight", [dVocab, dModel]],
  ...inLayers([
    ...withBias([
      ["gpt_neox.layers.#.input_layernorm", "blk.#.attn_norm", [dModel]],
      ["gpt_neox.layers.#.attention.dense", "blk.#.attn_output", [dModel, dModel]],
      ["gpt_neox.layers.#.post_attention_layernorm", "blk.#.ffn_norm", [dModel]],
      ["gpt_neox.layers.#.mlp.dense_h_to_4h", "blk.#.ffn_up", [dMlp, dModel]],
      ["gpt_neox.layers.#.mlp.dense_4h_to_h", "blk.#.ffn_down", [dModel, dMlp]],
    ]),
    [
      "gpt_neox.layers.#.attention.query_key_value.weight",
      "blk.#.attn_qkv.weight",
      [3 * dModel, dModel],
      byPart(dModel),
    ],
    ["gpt_neox.layers.#.attention.query_key_value.bias", "blk.#.attn_qkv.bias", [3 * dModel], byPart(1)],
  ]),
  ["gpt_neox.final_layer_norm.weight", "output_norm.weight", [dModel]],
  ["gpt_neox.final_layer_norm.bias", "output_norm.bias", [dModel]],
  ["embed_out.weight", "output.weight", [dVocab, dModel]],
];

export function tensorsOf(rows: readonly Row[]): Record<string, TensorToWrite> {
  const tensors = rows.map(([weight, tensor, shape, convert]) => {
    const values = namedValues(weight, shape);
    const converted = convert?.(values) ?? { values };
    return [tensor, float32Tensor(converted.shape ?? shape, converted.values)] as const;
  });
  return Object.fromEntries(tensors);
}
