// Shape legend: X [n, k] texts by latents, stored by columns; y, margins, curvature, along [n]; w, g [k].
import { SaeError } from "@sae/core";
import { factorOn } from "./factorOn.js";
import { logisticLoss, sigmoid } from "./logisticLoss.js";
import { checkLabels, type LinearProbe } from "./logisticRegression.js";
import { addScaled, dot, sumOf } from "./vectors.js";

/** How a lasso probe is fitted. */
export interface LassoRegressionOptions {
  /** Weight of the loss against the penalty, C of scikit-learn. Default 1. */
  readonly C?: number;
  /** Steps at most. Default 100. */
  readonly mostSteps?: number;
}

/** Of a text's loss, where its margin is far out and the loss is straight: what is much more makes steps along a straight valley short. */
const leastCurvature = 1e-13;
/** Where all steps are used up, a point from which the objective can hardly fall, as a share of it, will do: no ranking of texts changes any more. */
const enough = 1e-7;
const mostRounds = 200; // of a sweep and a solution in one step

/**
 * L1-regularised logistic regression: the minimum of
 *
 *   ‖w‖₁ + C Σᵢ log(1 + exp(−yᵢ(w·xᵢ + b))),   yᵢ = ±1
 *
 * with b not penalised, as scikit-learn's `saga` defines it. Each step minimises the penalty plus a quadratic model of the loss by coordinate
 * descent, and goes there as far as the objective falls (Yuan, Ho and Lin 2012, newGLMNET). For dense features, some hundreds of them.
 *
 * @param x - [n, k]
 * @param y - 1 for positives and 0 for negatives, [n]; both must occur
 * @throws SaeError `shape_mismatch`, `one_class`, `no_convergence`
 */
export function lassoRegression(
  x: Float64Array,
  k: number,
  y: ArrayLike<number>,
  { C = 1, mostSteps = 100 }: LassoRegressionOptions = {},
): LinearProbe {
  const n = y.length;
  if (x.length !== n * k) {
    throw new SaeError("shape_mismatch", `lassoRegression: needed [${n}, ${k}], got ${x.length} numbers`);
  }
  checkLabels("lassoRegression", y, n);
  const { columns, means, scales } = centredColumns(x, n, k);
  const positives = sumOf(y);
  const w = new Float64Array(k);
  let c = Math.log(positives / (n - positives)); // b + mean·w
  const margins = new Float64Array(n).fill(c);
  const pull = new Float64Array(n);
  const curvature = new Float64Array(n);
  const objective = (at: Float64Array, penalty: number): number => {
    let value = penalty;
    for (let i = 0; i < n; i++) value += C * logisticLoss(y[i] === 1 ? at[i] : -at[i]);
    return value;
  };

  for (let step = 0; step < mostSteps; step++) {
    for (let i = 0; i < n; i++) {
      const p = sigmoid(margins[i]);
      pull[i] = C * (p - y[i]);
      curvature[i] = C * Math.max(p * (1 - p), leastCurvature);
    }
    const gradient = columns.map((column) => dot(column, pull));
    const intercept = sumOf(pull);
    // How far each coordinate is from its optimality condition, as a share of the largest gradient it could have.
    let violation = Math.abs(intercept) / (C * n);
    for (let j = 0; j < k; j++) {
      const g = gradient[j];
      const off = w[j] !== 0 ? Math.abs(g + Math.sign(w[j])) : Math.max(0, Math.abs(g) - 1);
      violation = Math.max(violation, off / (C * n * scales[j] + 1));
    }
    if (!Number.isFinite(violation)) break;
    const penalty = sumOf(w.map(Math.abs));
    const value = objective(margins, penalty);
    const { change, shift, along } = quadraticMinimum({ columns, curvature, gradient, intercept, w });
    const moved = w.map((value, j) => value + change[j]);
    const movedPenalty = sumOf(moved.map(Math.abs));
    const slope = dot(Float64Array.from(gradient), change) + intercept * shift + movedPenalty - penalty;
    const left = -slope / (1 + value); // what the model says the objective can still fall, as a share
    if (violation < 1e-12 || left <= (step < mostSteps - 1 ? 1e-15 : enough)) {
      return { weights: w, intercept: c - dot(means, w) };
    }
    let t = 1;
    for (; t > 1e-12; t /= 2) {
      const there = margins.map((margin, i) => margin + t * along[i]);
      const size = w.reduce((sum, value, j) => sum + Math.abs(value + t * change[j]), 0);
      if (objective(there, size) <= value + 1e-4 * t * slope + 1e-15 * value) break;
    }
    for (let j = 0; j < k; j++) w[j] = t === 1 ? moved[j] : w[j] + t * change[j]; // exact zeros stay
    for (let i = 0; i < n; i++) margins[i] += t * along[i];
    c += t * shift;
  }
  throw new SaeError(
    "no_convergence",
    `lassoRegression: needed finite features and a minimum within ${mostSteps} steps, found none for ${n} texts, ${k} features and C = ${C}; look at the activations`,
  );
}

/** Columns without their means, which changes the intercept only; and the largest size in each. */
function centredColumns(x: Float64Array, n: number, k: number) {
  const columns = Array.from({ length: k }, (_, j) => Float64Array.from({ length: n }, (_, i) => x[i * k + j]));
  const means = Float64Array.from(columns, (column) => sumOf(column) / n);
  columns.forEach((column, j) => {
    for (let i = 0; i < n; i++) column[i] -= means[j];
  });
  const scales = columns.map((column) => column.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  return { columns, means, scales };
}

interface Quadratic {
  readonly columns: readonly Float64Array[];
  readonly curvature: Float64Array;
  readonly gradient: readonly number[];
  readonly intercept: number;
  readonly w: Float64Array;
}

/**
 * Minimum over (change, shift) of gᵀd + ½ dᵀHd + ‖w + change‖₁; along = X change + shift. Sweeps over the coordinates find which of them are not zero;
 * among those, with their signs, the minimum is the solution of linear equations, and is approached until a coordinate becomes zero on the way. Sweeps
 * alone would take thousands where latents and the intercept can stand in for each other.
 */
function quadraticMinimum({ columns, curvature, gradient, intercept, w }: Quadratic) {
  const k = w.length;
  const H = weightedGram(columns, curvature); // [k + 1, k + 1], the intercept last
  const size = k + 1;
  // Latents that say the same make H singular; with a little more on its diagonal the solution still leads downhill, until one of them is zero.
  const damped = H.map((value, at) => (at % (size + 1) === 0 ? value * (1 + 1e-13) : value));
  const d = new Float64Array(size);
  const slopes = Float64Array.from([...gradient, intercept]); // g + H d
  const move = (j: number, by: number): number => {
    d[j] += by;
    const row = H.subarray(j * size, (j + 1) * size);
    for (let i = 0; i < size; i++) slopes[i] += by * row[i];
    return row[j] * by * by;
  };
  const sweep = (): number => {
    let largest = move(k, -slopes[k] / H[size * size - 1]);
    for (let j = 0; j < k; j++) {
      const bend = H[j * size + j];
      if (bend === 0) continue; // a column that never changes
      const free = w[j] + d[j] - slopes[j] / bend;
      const next = Math.sign(free) * Math.max(0, Math.abs(free) - 1 / bend); // soft threshold
      const by = next - (w[j] + d[j]);
      if (by !== 0) largest = Math.max(largest, move(j, by));
      if (next === 0) d[j] = -w[j]; // exactly
    }
    return largest;
  };
  /** Goes towards the minimum among the coordinates that are not zero; one that becomes zero on the way stays there. True when it is reached. */
  const solve = (): boolean => {
    const active = [...w.keys()].filter((j) => w[j] + d[j] !== 0);
    const all = [...active, k];
    const sign = (j: number) => (j === k ? 0 : Math.sign(w[j] + d[j]));
    const rest = all.map((j) => -(slopes[j] + sign(j)));
    const p = factorOn(damped, size, all)?.(rest);
    if (p === undefined) return true; // sweeps have to do
    const reach = active.map((j, i) =>
      p[i] * sign(j) < 0 ? Math.abs((w[j] + d[j]) / p[i]) : Number.POSITIVE_INFINITY,
    );
    const t = Math.min(1, ...reach);
    all.forEach((j, i) => {
      move(j, t * p[i]);
    });
    active.forEach((j, i) => {
      if (reach[i] === t) d[j] = -w[j];
    });
    return t === 1;
  };
  // A sweep may only add a coordinate at a minimum of the others: added before, the next solution takes it out again, for ever.
  const solveFully = (): void => {
    for (let dropped = 0; dropped <= k && !solve(); dropped++);
  };
  let most = 0;
  for (let round = 0; round < mostRounds; round++) {
    const largest = sweep();
    most = Math.max(most, largest);
    if (largest <= 1e-20 * most || largest < 1e-24) break;
    solveFully();
  }
  const along = new Float64Array(curvature.length).fill(d[k]);
  for (let j = 0; j < k; j++) addScaled(along, d[j], columns[j]);
  return { change: d.subarray(0, k), shift: d[k], along };
}

/** [X, 1]ᵀ diag(curvature) [X, 1]. */
function weightedGram(columns: readonly Float64Array[], curvature: Float64Array): Float64Array {
  const size = columns.length + 1;
  const all = [...columns, new Float64Array(curvature.length).fill(1)];
  const H = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const weighted = all[i].map((value, text) => value * curvature[text]);
    for (let j = 0; j <= i; j++) {
      H[i * size + j] = dot(weighted, all[j]);
      H[j * size + i] = H[i * size + j];
    }
  }
  return H;
}
