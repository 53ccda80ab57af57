/** Items in batches of like length, the shortest first, so that little is padding. No item is dropped: the last batch may be smaller. */
export function inBatches<Item>(items: readonly Item[], size: number, lengthOf: (item: Item) => number): Item[][] {
  const sorted = items
    .map((item, i) => ({ item, i, length: lengthOf(item) }))
    .sort((a, b) => a.length - b.length || a.i - b.i)
    .map(({ item }) => item);
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, i) => sorted.slice(i * size, (i + 1) * size));
}
