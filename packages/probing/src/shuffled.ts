import { type Key, keyedPermutation } from "@sae/core";

/** The items in the order that a key gives them. */
export function shuffled<T>(items: readonly T[], key: Key): T[] {
  const place = keyedPermutation(key, items.length);
  return items.map((_, i) => items[place(i)]);
}
