/*
 * Causal self-attention, in the parts that interpretability looks at: mask → pattern → mixture of values.
 *
 *   q, z  [batch, seq, heads, dHead]      k, v  [batch, keys, kvHeads, dHead]      mask  [1 or batch, seq, keys]
 *   pattern  [batch, heads, seq, keys]    heads = kvHeads · group: neighbouring query heads share a key head
 */

import { arangeLike } from "./ops/arange.js";
import { add, div, mul, sub } from "./ops/binary.js";
import { and, greaterOrEqual, less } from "./ops/compare.js";
import { matmul } from "./ops/matmul.js";
import { reshape, transpose } from "./ops/shape.js";
import { softmax } from "./ops/softmax.js";
import { tanh } from "./ops/unary.js";
import { where } from "./ops/where.js";
import { constant, type Tensor } from "./tensor.js";
import { type Dim, shapeError } from "./tensorType.js";

/** Added to scores that must not count: large enough that nothing of them is left, finite so that no difference is NaN. */
const blocked = -1e30;

/** What else blocks attention. */
export interface CausalMaskOptions {
  /** bool [batch, seq]: false for padding, which nothing attends to. */
  readonly keep?: Tensor | undefined;
  /** How many positions, itself included, a query can look back on (sliding window); all when left out. */
  readonly window?: number | undefined;
}

/**
 * What is added to attention scores: 0 where query i may attend to key j (j <= i, inside the window, no padding), −1e30 elsewhere.
 * Make it once and use it in every layer. A query with nothing to attend to gets an even mixture of all keys.
 *
 * @param like [batch, seq, ...]: the tokens, say; only its sizes matter
 * @returns [1, seq, seq], or [batch, seq, seq] with `keep`
 */
export function causalMask(like: Tensor, { keep, window }: CausalMaskOptions = {}): Tensor {
  const [batch, seq] = like.shape as readonly [Dim, Dim];
  if (like.shape.length < 2 || (keep && (keep.dtype !== "bool" || keep.shape.join() !== `${batch},${seq}`))) {
    throw shapeError(
      "causalMask",
      "a tensor [batch, seq, ...] and keep bool [batch, seq]",
      keep ? [like, keep] : [like],
    );
  }
  const positions = arangeLike(like, 1); // [seq]
  const query = reshape(positions, [1, seq, 1]);
  const key = reshape(positions, [1, 1, seq]);
  const causal = greaterOrEqual(query, key); // [1, seq, seq]
  const near = window === undefined ? causal : and(causal, less(sub(query, key), constant(window, [], "int64")));
  return where(keep ? and(near, reshape(keep, [batch, 1, seq])) : near, 0, blocked);
}

/** How attention scores are made. */
export interface ScoreOptions {
  /** From {@link causalMask}; every query attends to every key when left out. */
  readonly mask?: Tensor | undefined;
  /** Scores are q · k times this, 1 / √dHead when left out. */
  readonly scale?: number | undefined;
  /** Scores are squashed to cap · tanh(scores / cap) before the mask (Gemma 2, arXiv 2408.00118, section 2). */
  readonly softCap?: number | undefined;
}

/** [batch, keys, kvHeads, dHead] → [batch, kvHeads, 1, keys, dHead]: read by every query head of its group. */
function perGroup(x: Tensor): Tensor {
  const [batch, keys, kvHeads, dHead] = x.shape as [Dim, Dim, Dim, Dim];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, kvHeads, 1, keys, dHead]);
}

/** Attention probabilities [batch, heads, seq, keys]: softmax over the keys of the scaled, capped and masked scores. */
export function attentionPattern(q: Tensor, k: Tensor, { mask, scale, softCap }: ScoreOptions = {}): Tensor {
  const [batch, seq, heads, dHead] = q.shape as [Dim, Dim, number, number];
  const [keyBatch, keys, kvHeads, keySize] = k.shape as [Dim, Dim, number, number];
  if (
    q.shape.length !== 4 ||
    k.shape.length !== 4 ||
    batch !== keyBatch ||
    dHead !== keySize ||
    heads % kvHeads !== 0
  ) {
    throw shapeError(
      "attentionPattern",
      "q [batch, seq, heads, dHead] and k [batch, keys, kvHeads, dHead] with heads a multiple of kvHeads",
      [q, k],
    );
  }
  const scaled = mul(q, scale ?? 1 / Math.sqrt(dHead));
  const grouped = reshape(scaled, [batch, seq, kvHeads, heads / kvHeads, dHead]);
  const products = matmul(transpose(grouped, [0, 2, 3, 1, 4]), perGroup(k), { transB: true }); // [batch, kvHeads, group, seq, keys]
  const scores = reshape(products, [batch, heads, seq, keys], q);
  const capped = softCap === undefined ? scores : mul(tanh(div(scores, softCap)), softCap);
  return softmax(mask ? add(capped, reshape(mask, [mask.shape[0] as Dim, 1, seq, keys])) : capped);
}

/** The mixture of values that a pattern [batch, heads, seq, keys] asks for: z [batch, seq, heads, dHead]. */
export function attend(pattern: Tensor, v: Tensor): Tensor {
  const [batch, heads, seq, keys] = pattern.shape as [Dim, number, Dim, Dim];
  const [valueBatch, valueKeys, kvHeads, dHead] = v.shape as [Dim, Dim, number, number];
  if (
    pattern.shape.length !== 4 ||
    v.shape.length !== 4 ||
    batch !== valueBatch ||
    keys !== valueKeys ||
    heads % kvHeads !== 0
  ) {
    throw shapeError(
      "attend",
      "pattern [batch, heads, seq, keys] and v [batch, keys, kvHeads, dHead] with heads a multiple of kvHeads",
      [pattern, v],
    );
  }
  const grouped = reshape(pattern, [batch, kvHeads, heads / kvHeads, seq, keys]);
  const mixed = matmul(grouped, perGroup(v)); // [batch, kvHeads, group, seq, dHead]
  return reshape(transpose(mixed, [0, 3, 1, 2, 4]), [batch, seq, heads, dHead]);
}

/** Attention of queries to keys: `attend(attentionPattern(q, k), v)`. */
export const attention = (q: Tensor, k: Tensor, v: Tensor, options: ScoreOptions = {}): Tensor =>
  attend(attentionPattern(q, k, options), v);
