// Shape legend: X [n, k] texts by latents, y [n], w and g [k], margins and r [n].
import { SaeError } from "@sae/core";
import { centredDesign } from "./centredDesign.js";
import type { Design } from "./design.js";
import { logisticLoss, sigmoid } from "./logisticLoss.js";
import { type NewtonSystem, newtonSolver } from "./newtonSolver.js";
import { dot, sumOf } from "./vectors.js";

/** A linear probe: it says yes where w·x + b > 0. */
export interface LinearProbe {
  readonly weights: Float64Array;
  readonly intercept: number;
}

/** How a probe is fitted. */
export interface LogisticRegressionOptions {
  /** Weight of the loss against the penalty, C of scikit-learn. Default 1. */
  readonly C?: number;
  /** Newton steps at most. Default 500. */
  readonly mostSteps?: number;
  /** How steps are found. Default: by the sizes. */
  readonly solver?: NewtonSystem;
}

/**
 * L2-regularised logistic regression, as scikit-learn defines it: the minimum of
 *
 *   ½‖w‖² + C Σᵢ log(1 + exp(−yᵢ(w·xᵢ + b))),   yᵢ = ±1
 *
 * over w and b. Features are not scaled and b is not penalised. It is solved to convergence, in double precision, by Newton's method; see `newtonSolver`
 * for its steps. The columns are centred on the way, which changes b alone, and spares large constant columns a fight with the intercept.
 *
 * @param y - 1 for positives and 0 for negatives, [n]; both must occur
 * @throws SaeError `shape_mismatch`, `one_class`, `no_convergence` (also for features that are not finite)
 */
export function logisticRegression(
  x: Design,
  y: ArrayLike<number>,
  { C = 1, mostSteps = 500, solver }: LogisticRegressionOptions = {},
): LinearProbe {
  const { rows: n, columns: k } = x;
  checkLabels("logisticRegression", y, n);
  const centred = centredDesign(x);
  const solve = newtonSolver(centred, solver);
  // Unknowns: w, and last the intercept c = b + mean·w.
  const positives = sumOf(y);
  const point = new Float64Array(k + 1);
  point[k] = Math.log(positives / (n - positives));
  const margins = new Float64Array(n).fill(point[k]);
  const r = new Float64Array(n); // ∂loss/∂margin
  const curvature = new Float64Array(n); // ∂²loss/∂margin²
  const gradient = new Float64Array(k + 1);
  const along = new Float64Array(n); // change of the margins with the step
  let firstNorm = Number.NaN;
  let lastDecrement = Number.POSITIVE_INFINITY;

  for (let step = 0; step < mostSteps; step++) {
    let value = 0;
    for (let i = 0; i < n; i++) {
      const p = sigmoid(margins[i]);
      r[i] = C * (p - y[i]);
      curvature[i] = C * p * (1 - p);
      value += C * logisticLoss(y[i] === 1 ? margins[i] : -margins[i]);
    }
    for (let j = 0; j < k; j++) value += point[j] ** 2 / 2;
    centred.transposeTimes(r, gradient);
    for (let j = 0; j < k; j++) gradient[j] += point[j];

    const diagonal = centred.diagonal(curvature);
    const norm = Math.sqrt(gradient.reduce((sum, g, j) => sum + (g * g) / diagonal[j], 0));
    if (step === 0) firstNorm = norm;
    if (!Number.isFinite(value + norm)) break;
    const tolerance = norm * Math.min(0.1, Math.sqrt(norm / firstNorm));
    const direction = norm === 0 ? gradient : solve({ curvature, gradient, diagonal, tolerance });
    // Twice what the objective can still fall, were it quadratic: the measure of convergence that no scale of the features changes.
    const decrement = -dot(gradient, direction);
    const isAtRounding = decrement < 1e-11 * (1 + value) && decrement > lastDecrement / 4;
    if (decrement <= 1e-22 * (1 + value) || isAtRounding) return centred.probe(point);
    lastDecrement = decrement;
    centred.times(direction, along);
    const t = stepLength({ C, y, margins, along, point, direction, value, slope: -decrement });
    if (t === 0) {
      if (decrement < 1e-11 * (1 + value)) return centred.probe(point);
      break;
    }
    for (let j = 0; j <= k; j++) point[j] += t * direction[j];
    for (let i = 0; i < n; i++) margins[i] += t * along[i];
  }
  throw new SaeError(
    "no_convergence",
    `logisticRegression: needed finite features and a minimum within ${mostSteps} Newton steps, found none for ${n} texts, ${k} features and C = ${C}; look at the activations`,
  );
}

/**
 * @param y - labels
 * @throws SaeError `shape_mismatch`, `one_class`
 */
export function checkLabels(what: string, y: ArrayLike<number>, n: number): void {
  if (y.length !== n) throw new SaeError("shape_mismatch", `${what}: needed ${n} labels, got ${y.length}`);
  const positives = sumOf(y);
  if (positives > 0 && positives < n) return;
  throw new SaeError("one_class", `${what}: needed positives and negatives, got ${positives} positives of ${n}`);
}

interface Line {
  readonly C: number;
  readonly y: ArrayLike<number>;
  readonly margins: Float64Array;
  readonly along: Float64Array;
  readonly point: Float64Array;
  readonly direction: Float64Array;
  /** The objective at the point, and its derivative in the direction. */
  readonly value: number;
  readonly slope: number;
}

/**
 * The first of 1, ½, ¼, … that lowers the objective enough (Armijo); where rounding hides the change of the objective, the first that makes the slope
 * smaller (Hager and Zhang 2005, the approximate Wolfe condition). 0 when there is none.
 */
function stepLength({ C, y, margins, along, point, direction, value, slope }: Line): number {
  const k = point.length - 1;
  let [ww, wd, dd] = [0, 0, 0];
  for (let j = 0; j < k; j++) {
    ww += point[j] ** 2;
    wd += point[j] * direction[j];
    dd += direction[j] ** 2;
  }
  for (let t = 1; t > 1e-15; t /= 2) {
    let there = (ww + 2 * t * wd + t * t * dd) / 2;
    let slopeThere = wd + t * dd;
    for (let i = 0; i < margins.length; i++) {
      const margin = margins[i] + t * along[i];
      there += C * logisticLoss(y[i] === 1 ? margin : -margin);
      slopeThere += C * (sigmoid(margin) - y[i]) * along[i];
    }
    if (there <= value + 1e-4 * t * slope) return t;
    if (there - value <= 1e-14 * (1 + Math.abs(value)) && Math.abs(slopeThere) <= 0.9 * Math.abs(slope)) return t;
  }
  return 0;
}
