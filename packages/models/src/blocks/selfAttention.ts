/*
 *   x [batch, seq, dModel]     q [batch, seq, nHeads · dHead]     k, v [batch, seq, nKvHeads · dHead]
 */
import { attention, type Dim, type RotaryTables, reshape, rotate, type ScoreOptions, type Tensor } from "@sae/core";
import type { KeysAndValues } from "./causality.js";
import { unsupported } from "./configReader.js";
import { project, projectWeights, type Weights } from "./project.js";

/** Sizes of an attention layer. Neighbouring query heads share a key head when there are fewer of those. */
export interface HeadSizes {
  readonly nHeads: number;
  readonly nKvHeads: number;
  readonly dHead: number;
}

/** How scores are made, and by which angles queries and keys are turned (not at all when left out). */
export interface AttentionOptions extends ScoreOptions {
  readonly rotary?: RotaryTables;
  /** From `causal.remember(layer)`: lets texts be continued without another pass over what they begin with. */
  readonly remember?: (own: KeysAndValues) => KeysAndValues;
}

/**
 * Sizes as a config gives them: as many key heads as heads, and heads that share dModel between them, where it does not say otherwise.
 *
 * @throws SaeError `unsupported_config` when they do not divide
 */
export function headSizes(
  family: string,
  dModel: number,
  nHeads: number,
  given: { readonly nKvHeads?: number | null | undefined; readonly dHead?: number | null | undefined } = {},
): HeadSizes {
  const nKvHeads = given.nKvHeads ?? nHeads;
  const dHead = given.dHead ?? dModel / nHeads;
  if (nHeads % nKvHeads !== 0) {
    throw unsupported(
      family,
      `${nHeads} heads and ${nKvHeads} key heads`,
      "heads that are a multiple of the key heads",
    );
  }
  if (!Number.isInteger(dHead)) {
    throw unsupported(family, `${nHeads} heads for ${dModel} features`, "features that are a multiple of the heads");
  }
  return { nHeads, nKvHeads, dHead };
}

/** Attention between the positions of a text: [batch, seq, nHeads · dHead], heads side by side in the last axis on both ends. */
export function selfAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { nHeads, nKvHeads, dHead }: HeadSizes,
  { rotary, remember = (own) => own, ...scores }: AttentionOptions,
): Tensor {
  const [batch, seq] = q.shape as readonly [Dim, Dim];
  const heads = (x: Tensor, n: number): Tensor => reshape(x, [batch, seq, n, dHead]);
  const turned = (x: Tensor): Tensor => (rotary ? rotate(x, rotary) : x);
  const seen = remember({ k: turned(heads(k, nKvHeads)), v: heads(v, nKvHeads) });
  const z = attention(turned(heads(q, nHeads)), seen.k, seen.v, scores);
  return reshape(z, [batch, seq, nHeads * dHead]);
}

/**
 * Attention with its four linear layers, which are called as in Llama: `at.q_proj`, `at.k_proj`, `at.v_proj`, `at.o_proj`.
 *
 * @returns [batch, seq, dModel]
 */
export function projectedAttention(
  x: Tensor,
  p: Weights,
  at: string,
  sizes: HeadSizes,
  { bias, ...options }: AttentionOptions & { readonly bias: boolean },
): Tensor {
  const [q, k, v] = ["q_proj", "k_proj", "v_proj"].map((name) => project(x, p, `${at}.${name}`, bias));
  return project(selfAttention(q, k, v, sizes, options), p, `${at}.o_proj`, bias);
}

/** Shapes of the weights of {@link projectedAttention}. */
export const projectedAttentionWeights = (
  at: string,
  dModel: number,
  { nHeads, nKvHeads, dHead }: HeadSizes,
  bias: boolean,
) => ({
  ...projectWeights(`${at}.q_proj`, nHeads * dHead, dModel, bias),
  ...projectWeights(`${at}.k_proj`, nKvHeads * dHead, dModel, bias),
  ...projectWeights(`${at}.v_proj`, nKvHeads * dHead, dModel, bias),
  ...projectWeights(`${at}.o_proj`, dModel, nHeads * dHead, bias),
});
