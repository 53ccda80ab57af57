import { fillNormal, key } from "@sae/core";

/** Random values that depend on the name only. */
export const namedValues = (name: string, shape: readonly number[]): Float32Array =>
  fillNormal(key(name), new Float32Array(shape.reduce((product, n) => product * n, 1)));

/**
 * The query or key weight of the interleaved layout, out of that of the split one, as llama.cpp's converter writes it: of each head [2, dHead/2]
 * becomes [dHead/2, 2].
 *
 * @param split [heads · dHead, width]
 */
export function interleaved(split: Float32Array, dHead: number, width: number): Float32Array {
  const out = new Float32Array(split.length);
  const half = dHead / 2;
  for (let head = 0; head < split.length / (dHead * width); head++) {
    for (let part = 0; part < 2; part++) {
      for (let pair = 0; pair < half; pair++) {
        const from = head * dHead + part * half + pair;
        const to = head * dHead + pair * 2 + part;
        for (let i = 0; i < width; i++) out[to * width + i] = split[from * width + i];
      }
    }
  }
  return out;
}
