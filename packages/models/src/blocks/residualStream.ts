/*
 * The residual stream of a decoder and the names that TransformerLens gives to its places (Nanda, Bloom 2022,
 * https://github.com/TransformerLensOrg/TransformerLens):
 *
 *   hook_embed                     the embedded tokens
 *   blocks.L.hook_resid_pre        the stream before block L
 *   blocks.L.hook_attn_out         what attention adds to it
 *   blocks.L.hook_resid_mid        the stream between attention and MLP (serial blocks only)
 *   blocks.L.hook_mlp_out          what the MLP adds to it
 *   blocks.L.hook_resid_post       the stream after block L
 *   ln_final.hook_normalized       the stream after the last norm, scale and bias included: what the unembedding reads
 *
 * Each has shape [batch, seq, dModel].
 */
import { add, type Tensor } from "@sae/core";
import type { ForwardArguments } from "../defineFamily.js";

/** The two parts of a transformer block: functions of the stream, norms included, whose results are added to it. */
export interface BlockParts {
  /** What attention adds to the stream x [batch, seq, dModel]. */
  attention(x: Tensor): Tensor;
  /** What the MLP adds to it. */
  mlp(x: Tensor): Tensor;
}

/** Whether the MLP reads the stream after attention (serial), or before it, side by side with attention (parallel; GPT-J, GPT-NeoX). */
export type BlockOrder = "serial" | "parallel";

/** One block: what its parts add to the stream x [batch, seq, dModel]. */
function block(
  x: Tensor,
  layer: number,
  hook: ForwardArguments<unknown>["hook"],
  order: BlockOrder,
  parts: BlockParts,
): Tensor {
  const at = (place: string, value: Tensor): Tensor => hook(`blocks.${layer}.${place}`, value);
  const pre = at("hook_resid_pre", x);
  const attended = at("hook_attn_out", parts.attention(pre));
  const sum = add(pre, attended);
  const mid = order === "serial" ? at("hook_resid_mid", sum) : sum;
  const mlp = at("hook_mlp_out", parts.mlp(order === "serial" ? mid : pre));
  return at("hook_resid_post", add(mid, mlp));
}

/** All blocks, one after the other. */
export function residualStream(
  x: Tensor,
  nLayers: number,
  hook: ForwardArguments<unknown>["hook"],
  parts: (layer: number) => BlockParts,
  order: BlockOrder = "serial",
): Tensor {
  let stream = x;
  for (let layer = 0; layer < nLayers; layer++) stream = block(stream, layer, hook, order, parts(layer));
  return stream;
}

/** Names of the hooks in the order in which a forward pass meets them. */
export function residualHookNames(
  nLayers: number,
  {
    order = "serial",
    embed = ["hook_embed"],
  }: { readonly order?: BlockOrder; readonly embed?: readonly string[] } = {},
): string[] {
  const places = [
    "hook_resid_pre",
    "hook_attn_out",
    ...(order === "serial" ? ["hook_resid_mid"] : []),
    "hook_mlp_out",
    "hook_resid_post",
  ];
  const layers = Array.from({ length: nLayers }, (_, layer) => places.map((place) => `blocks.${layer}.${place}`));
  return [...embed, ...layers.flat(), finalHook];
}

/** Name of the hook after the last norm. Nothing after it mixes positions. */
export const finalHook = "ln_final.hook_normalized";
