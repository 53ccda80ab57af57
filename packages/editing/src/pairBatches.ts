import { fold, type Key, permutation } from "@sae/core";

/** Batches among which pairs are ordered by length: few enough that a step sees pairs of many kinds, enough for little padding. */
const window = 8;

/**
 * The batches of an epoch: pairs shuffled, those that stand near each other then put together by length, and the batches shuffled again. Every pair is in
 * exactly one of them.
 *
 * @param lengths tokens of the base prompt of each pair
 * @param key stream of this epoch
 */
export function pairBatches(lengths: readonly number[], batch: number, key: Key): number[][] {
  const order = Array.from(permutation(fold(key, "pairs"), lengths.length));
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += window * batch) {
    const near = order.slice(start, start + window * batch).map((pair, i) => ({ pair, i }));
    near.sort((a, b) => (lengths[a.pair] as number) - (lengths[b.pair] as number) || a.i - b.i);
    for (let at = 0; at < near.length; at += batch) batches.push(near.slice(at, at + batch).map(({ pair }) => pair));
  }
  const places = permutation(fold(key, "batches"), batches.length);
  return Array.from(places, (place) => batches[place] as number[]);
}
