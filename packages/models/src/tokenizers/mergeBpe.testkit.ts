import type { Merge } from "./mergeBpe.js";

/** Byte pair encoding in plain words: look at all neighbours, make the best merge, the leftmost of equals, until there is none. */
export function plainMerge(given: readonly number[], merges: readonly Merge[]): number[] {
  const symbols = [...given];
  for (;;) {
    let best: Merge | undefined;
    let place = -1;
    for (let at = 0; at + 1 < symbols.length; at++) {
      // Of two merges of the same pair, the later counts.
      const merge = merges.findLast(({ left, right }) => left === symbols[at] && right === symbols[at + 1]);
      if (merge && (!best || merge.priority < best.priority)) [best, place] = [merge, at];
    }
    if (!best) return symbols;
    symbols.splice(place, 2, best.merged);
  }
}
