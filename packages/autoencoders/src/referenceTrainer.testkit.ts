/*
 * The whole arithmetic of training in plain loops and double precision: no engine, no automatic gradients. Slow and readable on purpose; tests
 * compare the engine with it.
 *
 *   b  input of a batch (of `batch`)     d  dimension (of dModel)     j  latent (of dSae)
 *   W_enc[d][j]   b_enc[j]   W_dec[j][d]   b_dec[d]   threshold[j]
 *
 * Order of a step: gradients → W_dec's gradient without its part along the row → clip the total norm → AdamW → W_dec rows to unit norm → projection.
 */

type Vector = number[];
type Matrix = number[][];

/** Parameters; vectors are matrices of one row, so that one loop serves all. */
export type ReferenceWeights = Record<string, Matrix>;

export interface ReferenceRun {
  readonly variant: string;
  readonly baseline: string;
  /** Options of the variant (all, defaults included) and `tau` of the soft-frozen decoder. */
  readonly config: {
    readonly l0: number;
    readonly l1?: number;
    readonly l1Start?: number;
    readonly gain?: number;
    readonly damping?: number;
    readonly l0Weight?: number;
    readonly bandwidth?: number;
    readonly fractions?: readonly number[];
    readonly tau?: number;
  };
  readonly recipe: {
    readonly steps: number;
    readonly batch: number;
    readonly lr: number;
    readonly warmup: number;
    readonly decay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly weightDecay: number;
    readonly clip: number;
    readonly aux: number;
    readonly kAux?: number;
    readonly deadTokens?: number;
    readonly l0Warmup: number;
  };
  /** Activations [rows][dModel]; step t sees rows t·batch … (t+1)·batch − 1, from the start again after the last whole batch. */
  readonly x: Matrix;
  readonly initial: ReferenceWeights;
}

export interface ReferenceLine {
  readonly loss: number;
  readonly mse: number;
  readonly l0: number;
  readonly explainedVariance: number;
  readonly aux: number;
  readonly gradNorm: number;
  readonly dead: number;
}

/** Trains and returns what was logged and the weights after each step. */
export function referenceTrain(run: ReferenceRun): { log: ReferenceLine[]; weights: ReferenceWeights; l1: number } {
  const { variant, baseline, config, recipe, x: data, initial } = run;
  const { batch } = recipe;
  const w = copyOf(initial);
  const trained = Object.keys(w).filter((name) => !frozenBy(baseline).includes(name));
  const m = zerosLike(w);
  const v = zerosLike(w);
  const dSae = w.W_dec.length;
  const sinceFired: Vector = new Array(dSae).fill(0);
  const deadAfter = recipe.deadTokens ?? Math.min(10e6, 0.05 * recipe.steps * batch);
  const controller = { l1: config.l1 ?? config.l1Start ?? 0, logL0: Number.NaN };
  const log: ReferenceLine[] = [];
  for (let step = 0; step < recipe.steps; step++) {
    const first = (step % Math.floor(data.length / batch)) * batch;
    const x = data.slice(first, first + batch);
    const warm = recipe.l0Warmup > 0 ? Math.min(1, step / recipe.l0Warmup) : 1;
    const pre = preActivations(x, w);
    const f = encode(variant, pre, config.l0, w.threshold?.[0]);
    const grads = zerosLike(w);
    const { mse, penalty, xHat } = addLossGradients({ variant, config, warm, l1: controller.l1, x, pre, f, w, grads });

    const isDead = sinceFired.map((count) => count >= deadAfter);
    const hasAux = ["topk", "batchtopk", "matryoshka"].includes(variant) && recipe.aux > 0;
    const kAux = recipe.kAux ?? Math.max(1, Math.floor(x[0].length / 2));
    const aux = hasAux ? addAuxiliaryGradients({ x, xHat, pre, isDead, kAux, weight: recipe.aux, w, grads }) : 0;

    // Only what is trained counts from here on.
    if (trained.includes("W_dec")) grads.W_dec.forEach((g, j) => subtractScaled(g, w.W_dec[j], dot(g, w.W_dec[j])));
    const gradNorm = Math.sqrt(
      trained.reduce((total, name) => total + grads[name].reduce((part, g) => part + dot(g, g), 0), 0),
    );
    const clip = Math.min(1, recipe.clip / (gradNorm + 1e-6));
    for (const name of trained) {
      w[name].forEach((row, r) =>
        adamw(row, grads[name][r], m[name][r], v[name][r], {
          ...recipe,
          clip,
          lr: recipe.lr * lrFactor(step, recipe),
          t: step + 1,
        }),
      );
    }
    if (trained.includes("W_dec")) {
      w.W_dec = w.W_dec.map(unit);
      if (baseline === "soft_frozen_decoder")
        w.W_dec = w.W_dec.map((d, j) => ontoCap(d, initial.W_dec[j], config.tau ?? 0.8));
    }

    for (let j = 0; j < dSae; j++) sinceFired[j] = f.some((row) => row[j] > 0) ? 0 : sinceFired[j] + batch;
    const l0 = sum(f.map((row) => row.filter((value) => value > 0).length)) / batch;
    if (variant === "relu" && config.l1 === undefined) steer(controller, l0, config);
    const mean = x[0].map((_, d) => sum(x.map((row) => row[d])) / batch);
    const spread = sum(x.map((row) => squaredDistance(row, mean)));
    const left = sum(x.map((row, b) => squaredDistance(row, xHat[b])));
    const dead = isDead.filter(Boolean).length;
    log.push({
      loss: mse + penalty + recipe.aux * aux,
      mse,
      l0,
      explainedVariance: 1 - left / spread,
      aux,
      gradNorm,
      dead,
    });
  }
  return { log, weights: w, l1: controller.l1 };
}

const frozenBy = (baseline: string): string[] =>
  ({ frozen_decoder: ["W_dec"], frozen_encoder: ["W_enc"] })[baseline] ?? [];

/** pre[b][j] = Σ_d (x − b_dec)[d] · W_enc[d][j] + b_enc[j] */
function preActivations(x: Matrix, w: ReferenceWeights): Matrix {
  const [bEnc] = w.b_enc;
  const [bDec] = w.b_dec;
  return x.map((row) => bEnc.map((bias, j) => bias + sum(row.map((value, d) => (value - bDec[d]) * w.W_enc[d][j]))));
}

/** Activations f[b][j]: the pre-activation where the variant lets it through, else 0. */
function encode(variant: string, pre: Matrix, l0: number, threshold?: Vector): Matrix {
  if (variant === "relu") return pre.map((row) => row.map((z) => Math.max(0, z)));
  if (variant === "jumprelu") return pre.map((row) => row.map((z, j) => (z > (threshold as Vector)[j] ? z : 0)));
  if (variant === "topk") return pre.map((row) => keepLargest([row], l0)[0]);
  return keepLargest(pre, Math.floor(l0 * pre.length));
}

/** The `count` largest of ReLU(z) of the whole matrix, 0 elsewhere. */
function keepLargest(z: Matrix, count: number): Matrix {
  const entries = z.flatMap((row, b) => row.map((value, j) => ({ value, b, j })));
  const out = z.map((row) => row.map(() => 0));
  for (const { value, b, j } of entries.sort((p, q) => q.value - p.value).slice(0, count))
    out[b][j] = Math.max(0, value);
  return out;
}

interface LossArguments {
  readonly variant: string;
  readonly config: ReferenceRun["config"];
  readonly warm: number;
  readonly l1: number;
  readonly x: Matrix;
  readonly pre: Matrix;
  readonly f: Matrix;
  readonly w: ReferenceWeights;
  readonly grads: ReferenceWeights;
}

/** Reconstruction loss and sparsity penalty, their gradients added to `grads`. */
function addLossGradients({ variant, config, warm, l1, x, pre, f, w, grads }: LossArguments) {
  const batch = x.length;
  const dSae = w.W_dec.length;
  const groups = variant === "matryoshka" ? groupStarts(config.fractions as number[], dSae) : [0, dSae];
  const nGroups = groups.length - 1;
  const norms = w.W_dec.map((row) => Math.sqrt(dot(row, row)));
  const df = f.map((row) => row.map(() => 0)); // ∂loss/∂f
  const xHat: Matrix = [];
  let mse = 0;
  x.forEach((row, b) => {
    // Each prefix of the groups reconstructs on its own; the loss is the mean of their squared errors.
    const running = [...w.b_dec[0]];
    const errors: Matrix = [];
    for (let g = 0; g < nGroups; g++) {
      for (let j = groups[g]; j < groups[g + 1]; j++) subtractScaled(running, w.W_dec[j], -f[b][j]);
      errors.push(running.map((value, d) => value - row[d]));
      mse += squaredDistance(running, row) / (batch * nGroups);
    }
    xHat.push(running);
    // A latent is part of its own group's prefix and of all longer ones.
    const upstream: Vector = row.map(() => 0);
    for (let g = nGroups - 1; g >= 0; g--) {
      subtractScaled(upstream, errors[g], -2 / (batch * nGroups));
      subtractScaled(grads.b_dec[0], errors[g], -2 / (batch * nGroups));
      for (let j = groups[g]; j < groups[g + 1]; j++) {
        if (f[b][j] === 0) continue;
        df[b][j] += dot(upstream, w.W_dec[j]);
        subtractScaled(grads.W_dec[j], upstream, -f[b][j]);
      }
    }
  });

  let penalty = 0;
  if (variant === "relu") {
    // c · mean over the batch of Σ_j f_j ‖W_dec_j‖
    const c = (l1 * warm) / batch;
    f.forEach((row, b) =>
      row.forEach((value, j) => {
        if (value === 0) return;
        penalty += c * value * norms[j];
        df[b][j] += c * norms[j];
        subtractScaled(grads.W_dec[j], w.W_dec[j], (-c * value) / norms[j]);
      }),
    );
  }
  if (variant === "jumprelu") {
    const { l0Weight = 1, bandwidth = 0.001, l0: target } = config;
    const threshold = w.threshold[0];
    const l0 = sum(pre.map((row) => row.filter((z, j) => z > threshold[j]).length)) / batch;
    penalty = l0Weight * warm * (l0 / target - 1) ** 2;
    const dL0 = (2 * l0Weight * warm * (l0 / target - 1)) / target;
    pre.forEach((row, b) =>
      row.forEach((z, j) => {
        if (Math.abs(z - threshold[j]) >= bandwidth / 2) return;
        const dF = (2 / batch) * sum(xHat[b].map((value, d) => (value - x[b][d]) * w.W_dec[j][d])); // below the threshold as well
        grads.threshold[0][j] += (-threshold[j] / bandwidth) * dF - (1 / bandwidth) * (dL0 / batch);
      }),
    );
  }
  addEncoderGradients(x, df, f, w, grads);
  return { mse, penalty, xHat };
}

/** From ∂loss/∂f to the encoder: f = pre wherever it is not 0. */
function addEncoderGradients(x: Matrix, df: Matrix, f: Matrix, w: ReferenceWeights, grads: ReferenceWeights): void {
  df.forEach((row, b) =>
    row.forEach((dPre, j) => {
      if (f[b][j] === 0) return;
      grads.b_enc[0][j] += dPre;
      for (let d = 0; d < x[b].length; d++) {
        grads.W_enc[d][j] += (x[b][d] - w.b_dec[0][d]) * dPre;
        grads.b_dec[0][d] -= w.W_enc[d][j] * dPre;
      }
    }),
  );
}

interface AuxiliaryArguments {
  readonly x: Matrix;
  readonly xHat: Matrix;
  readonly pre: Matrix;
  readonly isDead: readonly boolean[];
  readonly kAux: number;
  readonly weight: number;
  readonly w: ReferenceWeights;
  readonly grads: ReferenceWeights;
}

/** mean ‖e − ê‖² / mean ‖e − ē‖²: the largest activations of dead latents reconstruct the residual e, which counts as a constant. */
function addAuxiliaryGradients({ x, xHat, pre, isDead, kAux, weight, w, grads }: AuxiliaryArguments): number {
  if (!isDead.some(Boolean)) return 0;
  const batch = x.length;
  const residual = x.map((row, b) => row.map((value, d) => value - xHat[b][d]));
  const mean = x[0].map((_, d) => sum(residual.map((row) => row[d])) / batch);
  const variance = sum(residual.map((row) => squaredDistance(row, mean))) / batch;
  const f = pre.map((row) => keepLargest([row.map((z, j) => (isDead[j] ? z : 0))], kAux)[0]);
  const df = f.map((row) => row.map(() => 0));
  let error = 0;
  residual.forEach((e, b) => {
    const eHat = e.map((_, d) => sum(f[b].map((value, j) => value * w.W_dec[j][d])));
    error += squaredDistance(eHat, e) / batch;
    const upstream = eHat.map((value, d) => (2 * weight * (value - e[d])) / (batch * variance));
    f[b].forEach((value, j) => {
      if (value === 0) return;
      df[b][j] = dot(upstream, w.W_dec[j]);
      subtractScaled(grads.W_dec[j], upstream, -value);
    });
  });
  addEncoderGradients(x, df, f, w, grads);
  return error / variance;
}

/** One AdamW step of one row, in place; the gradient is scaled by `clip`. */
function adamw(
  row: Vector,
  gradient: Vector,
  m: Vector,
  v: Vector,
  o: { clip: number; lr: number; t: number; beta1: number; beta2: number; eps: number; weightDecay: number },
): void {
  for (let i = 0; i < row.length; i++) {
    const g = gradient[i] * o.clip;
    m[i] = o.beta1 * m[i] + (1 - o.beta1) * g;
    v[i] = o.beta2 * v[i] + (1 - o.beta2) * g * g;
    const mHat = m[i] / (1 - o.beta1 ** o.t);
    const vHat = v[i] / (1 - o.beta2 ** o.t);
    row[i] = row[i] * (1 - o.lr * o.weightDecay) - (o.lr * mHat) / (Math.sqrt(vHat) + o.eps);
  }
}

/** Linear warm-up to 1, then 1, then linear decay over the last `decay` of the steps. */
function lrFactor(step: number, { warmup, decay, steps }: ReferenceRun["recipe"]): number {
  const decaySteps = Math.round(decay * steps);
  return Math.min(1, warmup > 0 ? (step + 1) / warmup : 1, decaySteps > 0 ? (steps - step) / decaySteps : 1);
}

/** The ReLU variant's coefficient: it grows while the running L0 is above the target or rising. */
function steer(
  controller: { l1: number; logL0: number },
  l0: number,
  { l0: target, gain = 0, damping = 0 }: ReferenceRun["config"],
): void {
  const now = Math.log(Math.max(l0, 1e-3));
  const before = Number.isNaN(controller.logL0) ? now : controller.logL0;
  controller.logL0 = 0.9 * before + 0.1 * now;
  const move = (controller.logL0 - Math.log(target)) * gain + (controller.logL0 - before) * damping;
  controller.l1 *= Math.exp(Math.min(0.02, Math.max(-0.02, move)));
}

/** The point of the cap {⟨d, u⟩ ≥ τ} closest to the unit vector d; u itself when d = −u. */
export function ontoCap(d: Vector, u: Vector, tau: number): Vector {
  const c = dot(d, u);
  if (c >= tau) return d;
  const p = d.map((value, i) => value - c * u[i]);
  const norm = Math.sqrt(dot(p, p));
  return norm === 0 ? [...u] : u.map((value, i) => tau * value + (Math.sqrt(1 - tau * tau) * p[i]) / norm);
}

/** First latent of each group, and dSae. */
function groupStarts(fractions: readonly number[], dSae: number): number[] {
  const starts = [0];
  for (const fraction of fractions.slice(0, -1)) starts.push(starts[starts.length - 1] + Math.floor(fraction * dSae));
  return [...starts, dSae];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const dot = (a: Vector, b: Vector): number => sum(a.map((value, i) => value * b[i]));
const unit = (row: Vector): Vector => scaledBy(row, 1 / Math.sqrt(dot(row, row)));
const scaledBy = (row: Vector, scale: number): Vector => row.map((value) => value * scale);
const squaredDistance = (a: Vector, b: Vector): number => sum(a.map((value, i) => (value - b[i]) ** 2));
const copyOf = (w: ReferenceWeights): ReferenceWeights => mapRows(w, (row) => [...row]);
const zerosLike = (w: ReferenceWeights): ReferenceWeights => mapRows(w, (row) => row.map(() => 0));

function mapRows(w: ReferenceWeights, map: (row: Vector) => Vector): ReferenceWeights {
  return Object.fromEntries(Object.entries(w).map(([name, rows]) => [name, rows.map(map)]));
}

/** target −= scale · direction */
function subtractScaled(target: Vector, direction: Vector, scale: number): void {
  for (let i = 0; i < target.length; i++) target[i] -= scale * direction[i];
}

/** A row-major array as rows of `width`. */
export const toRows = (data: ArrayLike<number>, width: number): Matrix =>
  Array.from({ length: data.length / width }, (_, r) => Array.from({ length: width }, (_, i) => data[r * width + i]));
