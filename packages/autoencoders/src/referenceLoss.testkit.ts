/*
 * Forward pass, losses and hand-derived gradients of every built-in variant in plain loops and double precision.
 *
 *   b  input of a batch     d  dimension (of dModel)     j  latent (of dSae)
 *   W_enc[d][j]   b_enc[0][j]   W_dec[j][d]   b_dec[0][d]   threshold[0][j]
 */

export type Vector = number[];
export type Matrix = number[][];

/** Parameters or their gradients; vectors are matrices of one row, so that one loop serves all. */
export type ReferenceWeights = Record<string, Matrix>;

/** Options of a variant, defaults included. */
export interface ReferenceConfig {
  readonly l0: number;
  readonly l0Weight?: number;
  readonly bandwidth?: number;
  readonly fractions?: readonly number[];
}

/** pre[b][j] = Σ_d (x − b_dec)[d] · W_enc[d][j] + b_enc[j] */
export function preActivations(x: Matrix, w: ReferenceWeights): Matrix {
  return x.map((row) =>
    w.b_enc[0].map((bias, j) => bias + sum(row.map((value, d) => (value - w.b_dec[0][d]) * w.W_enc[d][j]))),
  );
}

/** Activations f[b][j]: the pre-activation where the variant lets it through, else 0. */
export function encode(variant: string, pre: Matrix, l0: number, threshold?: Vector): Matrix {
  if (variant === "relu") return pre.map((row) => row.map((z) => Math.max(0, z)));
  if (variant === "jumprelu") return pre.map((row) => row.map((z, j) => (z > (threshold as Vector)[j] ? z : 0)));
  if (variant === "topk") return pre.map((row) => keepLargest([row], l0)[0]);
  return keepLargest(pre, Math.floor(l0 * pre.length));
}

/** The `count` largest of ReLU(z) of the whole matrix, 0 elsewhere. */
function keepLargest(z: Matrix, count: number): Matrix {
  const entries = z.flatMap((row, b) => row.map((value, j) => ({ value, b, j })));
  const out = z.map((row) => row.map(() => 0));
  for (const { value, b, j } of entries.sort((p, q) => q.value - p.value).slice(0, count)) {
    out[b][j] = Math.max(0, value);
  }
  return out;
}

export interface LossArguments {
  readonly variant: string;
  readonly config: ReferenceConfig;
  /** Factor of the sparsity penalty, 0 to 1. */
  readonly warm: number;
  /** The ReLU variant's coefficient. */
  readonly l1: number;
  readonly x: Matrix;
  readonly pre: Matrix;
  readonly f: Matrix;
  readonly w: ReferenceWeights;
  readonly grads: ReferenceWeights;
}

/** Reconstruction loss and sparsity penalty; their gradients are added to `grads`. */
export function addLossGradients(args: LossArguments): { mse: number; penalty: number; xHat: Matrix } {
  const { variant, config, x, f, w, grads } = args;
  const batch = x.length;
  const dSae = w.W_dec.length;
  const groups = variant === "matryoshka" ? groupStarts(config.fractions as number[], dSae) : [0, dSae];
  const nGroups = groups.length - 1;
  const df = f.map((row) => row.map(() => 0)); // ∂loss/∂f
  const xHat: Matrix = [];
  let mse = 0;
  for (let b = 0; b < batch; b++) {
    // Each prefix of the groups reconstructs on its own; the loss is the mean of their squared errors.
    const running = [...w.b_dec[0]];
    const errors: Matrix = [];
    for (let g = 0; g < nGroups; g++) {
      for (let j = groups[g]; j < groups[g + 1]; j++) addScaled(running, w.W_dec[j], f[b][j]);
      errors.push(running.map((value, d) => value - x[b][d]));
      mse += squaredDistance(running, x[b]) / (batch * nGroups);
    }
    xHat.push(running);
    // A latent is part of its own group's prefix and of all longer ones.
    const upstream: Vector = x[b].map(() => 0);
    for (let g = nGroups - 1; g >= 0; g--) {
      addScaled(upstream, errors[g], 2 / (batch * nGroups));
      addScaled(grads.b_dec[0], errors[g], 2 / (batch * nGroups));
      for (let j = groups[g]; j < groups[g + 1]; j++) {
        if (f[b][j] === 0) continue;
        df[b][j] += dot(upstream, w.W_dec[j]);
        addScaled(grads.W_dec[j], upstream, f[b][j]);
      }
    }
  }
  let penalty = 0;
  if (variant === "relu") penalty = addNormPenalty(args, df);
  if (variant === "jumprelu") penalty = addThresholdGradients(args, xHat);
  addEncoderGradients(x, df, f, w, grads);
  return { mse, penalty, xHat };
}

/** c · mean over the batch of Σ_j f_j ‖W_dec_j‖ */
function addNormPenalty({ f, w, l1, warm, grads }: LossArguments, df: Matrix): number {
  const c = (l1 * warm) / f.length;
  const norms = w.W_dec.map((row) => Math.sqrt(dot(row, row)));
  let penalty = 0;
  for (let b = 0; b < f.length; b++) {
    for (let j = 0; j < norms.length; j++) {
      if (f[b][j] === 0) continue;
      penalty += c * f[b][j] * norms[j];
      df[b][j] += c * norms[j];
      addScaled(grads.W_dec[j], w.W_dec[j], (c * f[b][j]) / norms[j]);
    }
  }
  return penalty;
}

/** λ (L0 / target − 1)², and the pseudo-gradients of the thresholds: a rectangle of width ε around θ, whichever side pre is on. */
function addThresholdGradients({ x, pre, w, config, warm, grads }: LossArguments, xHat: Matrix): number {
  const { l0Weight = 1, bandwidth = 0.001, l0: target } = config;
  const batch = x.length;
  const [threshold] = w.threshold;
  const excess = sum(pre.map((row) => row.filter((z, j) => z > threshold[j]).length)) / batch / target - 1;
  const dL0 = (2 * l0Weight * warm * excess) / target;
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < threshold.length; j++) {
      if (Math.abs(pre[b][j] - threshold[j]) >= bandwidth / 2) continue;
      const dF = (2 / batch) * sum(w.W_dec[j].map((value, d) => value * (xHat[b][d] - x[b][d])));
      grads.threshold[0][j] += (-threshold[j] / bandwidth) * dF - (1 / bandwidth) * (dL0 / batch);
    }
  }
  return l0Weight * warm * excess ** 2;
}

/** From ∂loss/∂f to the encoder: f = pre wherever it is not 0. */
function addEncoderGradients(x: Matrix, df: Matrix, f: Matrix, w: ReferenceWeights, grads: ReferenceWeights): void {
  for (let b = 0; b < x.length; b++) {
    for (let j = 0; j < f[b].length; j++) {
      if (f[b][j] === 0) continue;
      grads.b_enc[0][j] += df[b][j];
      for (let d = 0; d < x[b].length; d++) {
        grads.W_enc[d][j] += (x[b][d] - w.b_dec[0][d]) * df[b][j];
        grads.b_dec[0][d] -= w.W_enc[d][j] * df[b][j];
      }
    }
  }
}

export interface AuxiliaryArguments {
  readonly x: Matrix;
  readonly xHat: Matrix;
  readonly pre: Matrix;
  readonly isDead: readonly boolean[];
  readonly kAux: number;
  readonly weight: number;
  readonly w: ReferenceWeights;
  readonly grads: ReferenceWeights;
}

/**
 * mean ‖e − ê‖² / mean ‖e − ē‖²: the largest activations of dead latents reconstruct the residual e, which counts as a constant. Its gradients
 * times `weight` are added to `grads`.
 */
export function addAuxiliaryGradients({ x, xHat, pre, isDead, kAux, weight, w, grads }: AuxiliaryArguments): number {
  if (!isDead.some(Boolean)) return 0;
  const batch = x.length;
  const residual = x.map((row, b) => row.map((value, d) => value - xHat[b][d]));
  const mean = meanOf(residual);
  const variance = sum(residual.map((row) => squaredDistance(row, mean))) / batch;
  const f = pre.map((row) => keepLargest([row.map((z, j) => (isDead[j] ? z : 0))], kAux)[0]);
  const df = f.map((row) => row.map(() => 0));
  let error = 0;
  for (let b = 0; b < batch; b++) {
    const eHat: Vector = x[b].map(() => 0);
    for (let j = 0; j < f[b].length; j++) addScaled(eHat, w.W_dec[j], f[b][j]);
    error += squaredDistance(eHat, residual[b]) / batch;
    const upstream = eHat.map((value, d) => (2 * weight * (value - residual[b][d])) / (batch * variance));
    for (let j = 0; j < f[b].length; j++) {
      if (f[b][j] === 0) continue;
      df[b][j] = dot(upstream, w.W_dec[j]);
      addScaled(grads.W_dec[j], upstream, f[b][j]);
    }
  }
  addEncoderGradients(x, df, f, w, grads);
  return error / variance;
}

/** First latent of each group, and dSae. */
function groupStarts(fractions: readonly number[], dSae: number): number[] {
  const starts = [0];
  for (const fraction of fractions.slice(0, -1)) starts.push(starts[starts.length - 1] + Math.floor(fraction * dSae));
  return [...starts, dSae];
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const dot = (a: Vector, b: Vector): number => sum(a.map((value, i) => value * b[i]));
export const squaredDistance = (a: Vector, b: Vector): number => sum(a.map((value, i) => (value - b[i]) ** 2));
export const meanOf = (rows: Matrix): Vector => rows[0].map((_, d) => sum(rows.map((row) => row[d])) / rows.length);

/** target += scale · direction */
export function addScaled(target: Vector, direction: Vector, scale: number): void {
  for (let i = 0; i < target.length; i++) target[i] += scale * direction[i];
}
