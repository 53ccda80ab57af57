import { compile, drawUnitRows, float32, fold, key, matmul, SaeError, sub, transpose } from "@sae/core";
import type { ActivationMoments } from "./constraint.js";
import type { SaeSizes } from "./defineSae.js";
import type { SaeWeights } from "./sae.js";
import type { ActivationSource } from "./source.js";

/** The random stream of the initial draw: one for each (seed, dModel, dSae), whatever the variant or baseline. */
const drawKey = (seed: number, { dModel, dSae }: SaeSizes) => fold(key(seed), "init", dModel, dSae);

/** Random unit rows [dSae, dModel]: uniform on the sphere, or N(0, Σ) normalised when a covariance is given. */
export function drawRows(seed: number, sizes: SaeSizes, covariance?: Float64Array): Float32Array {
  const { dModel, dSae } = sizes;
  const factor = covariance && cholesky(covariance, dModel);
  return drawUnitRows(drawKey(seed, sizes), dSae, dModel, factor && ((row) => multiplyLower(factor, row)));
}

/** Lower triangular L with L Lᵀ = Σ. Directions without variance get a zero column, so that a singular covariance works. */
function cholesky(covariance: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, covariance[i * n + i]);
  if (!(largest > 0))
    throw new SaeError(
      "no_variance",
      "cov init: needed activations that vary, got a covariance of zeros; use --init iso",
    );
  for (let j = 0; j < n; j++) {
    let diagonal = covariance[j * n + j];
    for (let k = 0; k < j; k++) diagonal -= lower[j * n + k] ** 2;
    if (diagonal <= 1e-12 * largest) continue;
    const pivot = Math.sqrt(diagonal);
    lower[j * n + j] = pivot;
    for (let i = j + 1; i < n; i++) {
      let value = covariance[i * n + j];
      for (let k = 0; k < j; k++) value -= lower[i * n + k] * lower[j * n + k];
      lower[i * n + j] = value / pivot;
    }
  }
  return lower;
}

/** z ← L z in place, from the last entry up: an entry needs those before it as they were. */
function multiplyLower(lower: Float64Array, z: Float64Array): void {
  const n = z.length;
  for (let i = n - 1; i >= 0; i--) {
    let total = 0;
    for (let k = 0; k <= i; k++) total += lower[i * n + k] * z[k];
    z[i] = total;
  }
}

/** Weights before the first step: decoder rows drawn, the encoder their transpose, biases zero except b_dec, the mean of the first batch. */
export function startingWeights(rows: Float32Array, { dModel, dSae }: SaeSizes, bDec: Float32Array): SaeWeights {
  return { W_enc: transposed(rows, dSae, dModel), b_enc: new Float32Array(dSae), W_dec: rows, b_dec: bDec };
}

/** [rows, cols] → [cols, rows]. */
export function transposed(data: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = data[r * cols + c];
  return out;
}

/** √(mean ‖x‖²) over the first `batches` batches: what activations are divided by. */
export async function rmsNorm(source: ActivationSource, batch: number, batches = 100): Promise<number> {
  const x = new Float32Array(batch * source.dModel);
  let total = 0;
  for (let step = 0; step < batches; step++) {
    await source.trainBatch(step, x);
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
    total += sum / batch;
  }
  const scale = Math.sqrt(total / batches);
  if (!(scale > 0))
    throw new SaeError(
      "no_variance",
      "scale: needed activations that are not all zero; use --scale none to train on them as they are",
    );
  return scale;
}

/** Mean of the rows of one batch [batch, dModel]. */
export function meanRow(x: Float32Array, dModel: number): Float32Array {
  const total = new Float64Array(dModel);
  for (let i = 0; i < x.length; i++) total[i % dModel] += x[i];
  return Float32Array.from(total, (value) => value / (x.length / dModel));
}

/** Mean and centred covariance of at least `rows` activations (or of as many as a training pass has), divided by `scale`. */
export async function activationMoments(
  source: ActivationSource,
  batch: number,
  scale: number,
  rows = 100_000,
): Promise<ActivationMoments> {
  const { dModel } = source;
  const batches = Math.ceil(rows / batch);
  const x = new Float32Array(batch * dModel);
  await source.trainBatch(0, x);
  // Centred on the first batch's mean before squaring, so that a large common mean costs no digits.
  const centre = meanRow(x, dModel);
  const program = await compile({ x: float32(batch, dModel), centre: float32(dModel) }, (args) => {
    const centred = sub(args.x, args.centre);
    return { product: matmul(transpose(centred), centred) };
  });
  const product = new Float64Array(dModel * dModel);
  const sum = new Float64Array(dModel);
  for (let step = 0; step < batches; step++) {
    await source.trainBatch(step, x);
    for (let i = 0; i < x.length; i++) sum[i % dModel] += x[i] - centre[i % dModel];
    const { data } = (await program.run({ x, centre })).product;
    for (let i = 0; i < product.length; i++) product[i] += Number(data[i]);
  }
  await program.dispose();
  const count = batches * batch;
  const offset = sum.map((value) => value / count);
  const covariance = product.map(
    (value, i) => (value / count - offset[Math.floor(i / dModel)] * offset[i % dModel]) / (scale * scale),
  );
  return { mean: offset.map((value, i) => (value + centre[i]) / scale), covariance, rows: count };
}
