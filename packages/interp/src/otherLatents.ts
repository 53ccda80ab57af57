import { type Key, keyedPermutation } from "@sae/core";

/**
 * For each of n latents another one, each once: a keyed random cycle. Judging a latent with the description of another is the control of an
 * AutoInterp score: it must come out at chance. Empty for fewer than two.
 */
export function otherLatents(key: Key, n: number): number[] {
  if (n < 2) return [];
  const order = keyedPermutation(key, n);
  const others = new Array<number>(n);
  for (let i = 0; i < n; i++) others[order(i)] = order((i + 1) % n);
  return others;
}
