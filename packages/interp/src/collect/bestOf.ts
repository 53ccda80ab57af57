/** The first items in an order, of all that were offered. */
export interface Best<Item extends Rank, Rank> {
  /** Whether an item of this rank would be kept now: to be asked before one is made that costs something. */
  accepts(rank: Rank): boolean;
  /** Keeps it if it is one of the first. */
  add(item: Item): void;
  /** What is kept, first one first. */
  readonly items: readonly Item[];
}

/**
 * Keeps the first `limit` items of any number of them, whatever order they come in.
 *
 * @param compare as for `Array.sort`; no two items are equal
 */
export function bestOf<Item extends Rank, Rank>(
  limit: number,
  compare: (a: Rank, b: Rank) => number,
): Best<Item, Rank> {
  const items: Item[] = [];
  const accepts = (rank: Rank): boolean => items.length < limit || (limit > 0 && compare(rank, items[limit - 1]) < 0);
  return {
    items,
    accepts,
    add: (item) => {
      if (!accepts(item)) return;
      let [low, high] = [0, items.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (compare(items[middle], item) < 0) low = middle + 1;
        else high = middle;
      }
      items.splice(low, 0, item);
      if (items.length > limit) items.pop();
    },
  };
}
