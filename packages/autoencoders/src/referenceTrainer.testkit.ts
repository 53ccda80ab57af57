/*
 * The whole arithmetic of training in plain loops and double precision: no engine, no automatic gradients. Slow and readable on purpose; tests
 * compare the engine with it.
 *
 * Order of a step: gradients → W_dec's gradient without its part along the row → clip the total norm → AdamW → W_dec rows to unit norm → projection.
 */
import {
  addAuxiliaryGradients,
  addLossGradients,
  addScaled,
  dot,
  encode,
  type Matrix,
  meanOf,
  preActivations,
  type ReferenceConfig,
  type ReferenceWeights,
  squaredDistance,
  sum,
  type Vector,
} from "./referenceLoss.testkit.js";

export interface ReferenceRun {
  readonly variant: string;
  readonly baseline: string;
  readonly config: ReferenceConfig & {
    readonly l1?: number;
    readonly l1Start?: number;
    readonly gain?: number;
    readonly damping?: number;
    /** Of the soft-frozen decoder. */
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

const frozen: Readonly<Record<string, readonly string[]>> = { frozen_decoder: ["W_dec"], frozen_encoder: ["W_enc"] };
const withAuxiliary = ["topk", "batchtopk", "matryoshka"];

/** Trains; returns what is logged of each step, the final weights and the ReLU variant's final coefficient. */
export function referenceTrain(run: ReferenceRun): { log: ReferenceLine[]; weights: ReferenceWeights; l1: number } {
  const { variant, baseline, config, recipe, x: data, initial } = run;
  const { batch } = recipe;
  const w = mapRows(initial, (row) => [...row]);
  const m = zerosLike(w);
  const v = zerosLike(w);
  const trained = Object.keys(w).filter((name) => !frozen[baseline]?.includes(name));
  const sinceFired: Vector = w.W_dec.map(() => 0);
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
    const kAux = recipe.kAux ?? Math.max(1, Math.floor(x[0].length / 2));
    const hasAux = withAuxiliary.includes(variant) && recipe.aux > 0;
    const aux = hasAux ? addAuxiliaryGradients({ x, xHat, pre, isDead, kAux, weight: recipe.aux, w, grads }) : 0;

    // What is frozen counts no more from here on: not in the norm, no moments.
    if (trained.includes("W_dec")) {
      for (const [j, row] of w.W_dec.entries()) addScaled(grads.W_dec[j], row, -dot(grads.W_dec[j], row));
    }
    const gradNorm = Math.sqrt(sum(trained.flatMap((name) => grads[name].map((row) => dot(row, row)))));
    const clip = Math.min(1, recipe.clip / (gradNorm + 1e-6));
    const options = { ...recipe, lr: recipe.lr * lrFactor(step, recipe), clip, t: step + 1 };
    for (const name of trained) {
      for (const [r, row] of w[name].entries()) adamw(row, grads[name][r], m[name][r], v[name][r], options);
    }
    if (trained.includes("W_dec")) w.W_dec = w.W_dec.map(unit);
    if (baseline === "soft_frozen_decoder") {
      w.W_dec = w.W_dec.map((row, j) => ontoCap(row, initial.W_dec[j], config.tau ?? 0.8));
    }

    for (let j = 0; j < sinceFired.length; j++) sinceFired[j] = f.some((row) => row[j] > 0) ? 0 : sinceFired[j] + batch;
    const l0 = sum(f.map((row) => row.filter((value) => value > 0).length)) / batch;
    if (variant === "relu" && config.l1 === undefined) steer(controller, l0, warm, config);
    const mean = meanOf(x);
    const spread = sum(x.map((row) => squaredDistance(row, mean)));
    const left = sum(x.map((row, b) => squaredDistance(row, xHat[b])));
    const dead = isDead.filter(Boolean).length;
    const loss = mse + penalty + recipe.aux * aux;
    log.push({ loss, mse, l0, explainedVariance: 1 - left / spread, aux, gradNorm, dead });
  }
  return { log, weights: w, l1: controller.l1 };
}

interface AdamwOptions {
  readonly lr: number;
  /** The gradient is multiplied by this. */
  readonly clip: number;
  /** Number of the step, from 1. */
  readonly t: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
}

/** One AdamW step of one row, in place. */
function adamw(row: Vector, gradient: Vector, m: Vector, v: Vector, o: AdamwOptions): void {
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
  const up = warmup > 0 ? (step + 1) / warmup : 1;
  const down = decaySteps > 0 ? (steps - step) / decaySteps : 1;
  return Math.min(1, up, down);
}

/** The ReLU variant's coefficient: it grows while the running L0 is above the target or rising. */
function steer(
  controller: { l1: number; logL0: number },
  l0: number,
  warm: number,
  { l0: target, gain = 0, damping = 0 }: ReferenceRun["config"],
): void {
  const now = Math.log(Math.max(l0, 1e-3));
  const before = Number.isNaN(controller.logL0) ? now : controller.logL0;
  controller.logL0 = 0.9 * before + 0.1 * now;
  const move = (controller.logL0 - Math.log(target)) * gain * warm + (controller.logL0 - before) * damping;
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

function unit(row: Vector): Vector {
  const norm = Math.sqrt(dot(row, row));
  return row.map((value) => value / norm);
}

function mapRows(w: ReferenceWeights, map: (row: Vector) => Vector): ReferenceWeights {
  return Object.fromEntries(Object.entries(w).map(([name, rows]) => [name, rows.map(map)]));
}

const zerosLike = (w: ReferenceWeights): ReferenceWeights => mapRows(w, (row) => row.map(() => 0));

/** A row-major array as rows of `width`. */
export const toRows = (data: ArrayLike<number>, width: number): Matrix =>
  Array.from({ length: data.length / width }, (_, r) => Array.from({ length: width }, (_, i) => data[r * width + i]));
