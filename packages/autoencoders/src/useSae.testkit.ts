import type { Sae } from "./sae.js";

/** Activations [rows, dSae] and reconstructions [rows, dModel] of a saved SAE on raw activations, in plain loops and double precision. */
export function useSae(
  { dModel, dSae, activation, weights }: Sae,
  x: Float32Array,
): { f: Float64Array; xHat: Float64Array; l0: number } {
  if (activation.kind === "variant") throw new Error(`no plain loops for '${activation.variant.name}'`);
  const rows = x.length / dModel;
  const f = new Float64Array(rows * dSae);
  const xHat = new Float64Array(rows * dModel);
  for (let r = 0; r < rows; r++) {
    const row = f.subarray(r * dSae, (r + 1) * dSae);
    for (let j = 0; j < dSae; j++) {
      row[j] = weights.b_enc[j];
      for (let d = 0; d < dModel; d++) row[j] += (x[r * dModel + d] - weights.b_dec[d]) * weights.W_enc[d * dSae + j];
      if (row[j] <= 0 || (activation.kind === "threshold" && row[j] <= weights.threshold[j])) row[j] = 0;
    }
    if (activation.kind === "topk") {
      const smallestKept = [...row].sort((a, b) => b - a)[activation.k - 1];
      for (let j = 0; j < dSae; j++) if (row[j] < smallestKept) row[j] = 0;
    }
    for (let d = 0; d < dModel; d++) {
      xHat[r * dModel + d] = weights.b_dec[d];
      for (let j = 0; j < dSae; j++) xHat[r * dModel + d] += row[j] * weights.W_dec[j * dModel + d];
    }
  }
  return { f, xHat, l0: f.filter((value) => value > 0).length / rows };
}

/** Largest |a − b| of two arrays. */
export const worstDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - b[i])),
    a.length === b.length ? 0 : Number.POSITIVE_INFINITY,
  );

/** 1 − Σ ‖x − x̂‖² / Σ ‖x − mean‖² over rows of length `dModel`. */
export function explained(x: Float32Array, xHat: Float64Array, dModel: number): number {
  const rows = x.length / dModel;
  const mean = Array.from(
    { length: dModel },
    (_, d) => Array.from({ length: rows }, (_, r) => x[r * dModel + d]).reduce((a, b) => a + b) / rows,
  );
  let [left, all] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    left += (x[i] - xHat[i]) ** 2;
    all += (x[i] - mean[i % dModel]) ** 2;
  }
  return 1 - left / all;
}
