/*
 * What the tokens of a pass see of their texts.
 *
 *   tokens, positions int64 [batch, seq]     k, v [batch, seq, nKvHeads, dHead]     kept k, v [batch, keys, nKvHeads, dHead]
 */
import {
  and,
  arangeLike,
  causalMask,
  concat,
  constant,
  type Dim,
  greaterOrEqual,
  less,
  reshape,
  sub,
  type Tensor,
  where,
} from "@sae/core";

/** Keys and values of a layer. */
export interface KeysAndValues {
  readonly k: Tensor;
  readonly v: Tensor;
}

/** Which tokens a pass has, and what they attend to. */
export interface Causality {
  /** int64 [seq], or [batch, seq]: the place of each token in its text. */
  readonly positions: Tensor;
  /**
   * What is added to the scores of queries and keys, [1, seq, seq] or [batch, seq, keys + seq]: nothing sees what comes after it.
   *
   * @param window how many positions, itself included, a query can look back on; all when left out
   */
  mask(window?: number): Tensor;
  /** Gets the keys (turned already) and values of a layer's tokens, and returns those that its queries attend to. */
  remember(layer: number): (own: KeysAndValues) => KeysAndValues;
}

/** Whole texts, from their first tokens on. */
export function wholeTexts(tokens: Tensor): Causality {
  const masks = new Map<number | undefined, Tensor>();
  return {
    positions: arangeLike(tokens, 1), // [seq]
    mask: (window) => {
      const mask = masks.get(window) ?? causalMask(tokens, { window });
      masks.set(window, mask);
      return mask;
    },
    remember: () => (own) => own,
  };
}

/** A position that no query looks back on. */
export const nowhere: number = 2 ** 31 - 1;

const blocked = -1e30;

/**
 * Tokens that go on from texts whose keys and values were kept.
 *
 * @param positions int64 [batch, seq]
 * @param keyPositions int64 [batch, keys + seq]: of what is kept and of the tokens themselves; {@link nowhere} for empty slots and padding
 * @param kept of each layer
 */
export function continuedTexts(positions: Tensor, keyPositions: Tensor, kept: readonly KeysAndValues[]): Causality {
  const masks = new Map<number | undefined, Tensor>();
  const maskOf = (window: number | undefined): Tensor => {
    const [query, key] = [reshape(positions, [...positions.shape, 1]), withMiddle(keyPositions)];
    const causal = greaterOrEqual(query, key); // [batch, seq, keys + seq]
    const near = window === undefined ? causal : and(causal, less(sub(query, key), constant(window, [], "int64")));
    return where(near, 0, blocked);
  };
  return {
    positions,
    mask: (window) => {
      const mask = masks.get(window) ?? maskOf(window);
      masks.set(window, mask);
      return mask;
    },
    remember: (layer) => (own) => {
      const { k, v } = kept[layer] as KeysAndValues;
      return { k: concat([k, own.k], 1), v: concat([v, own.v], 1) };
    },
  };
}

/** [batch, keys] → [batch, 1, keys] */
function withMiddle(x: Tensor): Tensor {
  const [batch, keys] = x.shape as readonly [Dim, Dim];
  return reshape(x, [batch, 1, keys]);
}

/** The same, with a look at what is remembered. */
export const watched = (causal: Causality, see: (layer: number, own: KeysAndValues) => void): Causality => ({
  ...causal,
  remember: (layer) => (own) => {
    see(layer, own);
    return causal.remember(layer)(own);
  },
});
