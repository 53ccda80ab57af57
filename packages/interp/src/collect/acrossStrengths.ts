/**
 * Items of every strength: they are sorted by it and cut into `count` parts of equal size, and of each part the one with the smallest
 * `priority` is taken, weakest first.
 *
 * @param count at most as many as there are items
 */
export function acrossStrengths<Item extends { readonly strength: number; readonly priority: number }>(
  items: readonly Item[],
  count: number,
): Item[] {
  const sorted = [...items].sort((a, b) => a.strength - b.strength || a.priority - b.priority);
  return Array.from({ length: count }, (_, part) => {
    const start = Math.floor((part * sorted.length) / count);
    const end = Math.floor(((part + 1) * sorted.length) / count);
    return sorted.slice(start, end).reduce((best, item) => (item.priority < best.priority ? item : best));
  });
}
