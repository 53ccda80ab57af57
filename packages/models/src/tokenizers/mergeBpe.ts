import { popHeap, pushHeap } from "./heap.js";

/** One merge: neighbours `left` and `right` become `merged`; of several that are possible, the smallest `priority` goes first. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  readonly merged: number;
  /** A whole number from 0 to 2²² − 1. Merges may share one. */
  readonly priority: number;
}

/** Merges by their pair. */
export interface MergeTable {
  readonly merges: readonly Merge[];
  /** Place in `merges` of the merge of two neighbours, −1 when they do not merge. */
  find(left: number, right: number): number;
}

/** Builds the table; of two merges of the same pair, the later counts. */
export function mergeTable(merges: readonly Merge[]): MergeTable {
  // Open addressing in one typed array: a Map would need a key object or a heap number for each look-up of a pair.
  let size = 16;
  while (size < merges.length * 2) size *= 2;
  const mask = size - 1;
  const slots = new Int32Array(size * 3).fill(-1); // [size, (left, right, index)]
  const slotOf = (left: number, right: number) => {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (slots[slot * 3 + 2] >= 0 && (slots[slot * 3] !== left || slots[slot * 3 + 1] !== right)) {
      slot = (slot + 1) & mask;
    }
    return slot * 3;
  };
  for (const [index, { left, right }] of merges.entries()) {
    const slot = slotOf(left, right);
    slots[slot] = left;
    slots[slot + 1] = right;
    slots[slot + 2] = index;
  }
  return { merges, find: (left, right) => (left < 0 || right < 0 ? -1 : slots[slotOf(left, right) + 2]) };
}

/** Symbols that are left after merging. */
export interface Merged {
  readonly symbols: number[];
  /** Place among the given symbols where each one starts. */
  readonly firsts: number[];
}

const positions = 2 ** 31;

/**
 * Byte pair encoding: again and again the neighbours whose merge has the smallest priority are merged, of equal ones the leftmost. Takes
 * n log n steps for n symbols: a heap of possible merges over a linked list of symbols. `mergeBpe.testkit.ts` has it in plain words.
 *
 * @param given symbols; negative ones never merge
 */
export function mergeBpe(given: ArrayLike<number>, { merges, find }: MergeTable): Merged {
  const count = given.length;
  const symbols = Int32Array.from(given);
  const previous = Int32Array.from(symbols, (_, index) => index - 1);
  const next = Int32Array.from(symbols, (_, index) => index + 1);
  const heap: number[] = []; // priority · 2³¹ + place of the left neighbour: ordered as numbers, exact in a double
  const consider = (at: number) => {
    if (at < 0 || next[at] >= count) return;
    const found = find(symbols[at], symbols[next[at]]);
    if (found >= 0) pushHeap(heap, merges[found].priority * positions + at);
  };
  for (let at = 0; at < count - 1; at++) consider(at);
  while (heap.length > 0) {
    const key = popHeap(heap);
    const at = key % positions;
    const right = next[at];
    if (symbols[at] < 0 || right >= count) continue;
    const found = find(symbols[at], symbols[right]);
    // What was possible when it was put into the heap may be gone; what stands there now has an entry of its own.
    if (found < 0 || merges[found].priority !== (key - at) / positions) continue;
    symbols[at] = merges[found].merged;
    symbols[right] = -1;
    next[at] = next[right];
    if (next[right] < count) previous[next[right]] = at;
    consider(at);
    consider(previous[at]);
  }
  const result: Merged = { symbols: [], firsts: [] };
  for (let at = 0; at < count; at = next[at]) {
    result.symbols.push(symbols[at]);
    result.firsts.push(at);
  }
  return result;
}
