import { above, type CompileOptions, compile, float32, largestInBatch, neg, preActivation, reduceMax } from "@sae/core";
import type { Sae } from "./sae.js";
import type { ActivationSource } from "./source.js";

/** A threshold and what it does on the activations that it was chosen on. */
export interface Calibration {
  /** Latents are active where the pre-activation is above this (and positive). */
  readonly threshold: number;
  /** Mean number of active latents per input at that threshold, on the held-out activations. */
  readonly l0: number;
  /** Held-out activations used. */
  readonly rows: number;
}

/**
 * The threshold that gives a mean of `l0` active latents per input on held-out activations: an exact quantile of all their pre-activations, not
 * an average over batches.
 */
export async function calibrateThreshold(
  sae: Sae,
  source: ActivationSource,
  l0: number,
  batch: number,
  batches: number,
  options: CompileOptions = {},
): Promise<Calibration> {
  const { dModel, dSae, weights } = sae;
  const types = {
    x: float32(batch, dModel),
    W_enc: float32(dModel, dSae),
    b_enc: float32(dSae),
    b_dec: float32(dModel),
    lower: float32(),
  };
  const { W_enc, b_enc, b_dec } = weights;
  const x = new Float32Array(batch * dModel);
  // The quantile lies well above the value that twice as many entries of the first batch exceed; only what is above that is collected.
  const count = Math.min(Math.ceil(2 * l0 * batch), batch * dSae);
  const kept = { ...options, fixed: { W_enc, b_enc, b_dec } };
  const first = await compile(
    types,
    (p) => ({ smallest: neg(reduceMax(neg(largestInBatch(preActivation(p.x, p), count).values))) }),
    kept,
  );
  const collect = await compile(types, (p) => ({ values: above(preActivation(p.x, p), p.lower).values }), kept);
  await source.heldOutBatch(0, x);
  const { smallest } = await first.run({ x, lower: new Float32Array(1) });
  await first.dispose();
  const wanted = Math.round(l0 * batch * batches);
  let found = await gather(Number(smallest.data[0]));
  if (found.length <= wanted) found = await gather(0);
  await collect.dispose();
  found.sort();
  const threshold = found.length > wanted ? Math.max(0, found[found.length - 1 - wanted]) : 0;
  const active = found.length - upperBound(found, threshold);
  return { threshold, l0: active / (batch * batches), rows: batch * batches };

  async function gather(lower: number): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    for (let index = 0; index < batches; index++) {
      await source.heldOutBatch(index, x);
      const { values } = await collect.run({ x, lower: Float32Array.of(lower) });
      parts.push(values.data as Float32Array);
    }
    const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** Index of the first element of a sorted array that is larger than `value`. */
function upperBound(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
