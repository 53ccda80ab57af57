import { type Key, permutation } from "@sae/core";

/**
 * A mask of so many features, chosen at random among those that are active: what a learned mask of its size has to beat.
 *
 * @param active features that are not zero for some prompt; all others would change nothing
 * @param size at most as many as are active
 */
export function randomMask(dLatent: number, active: readonly number[], size: number, key: Key): Float32Array {
  const w = new Float32Array(dLatent);
  const order = permutation(key, active.length);
  active.forEach((feature, i) => {
    if ((order[i] as number) < size) w[feature] = 1;
  });
  return w;
}
