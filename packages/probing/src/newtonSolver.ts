/*
 * Steps of Newton's method for logistic regression: H d = −g with
 *
 *   H = [I + XᵀDX, Xᵀδ; δᵀX, Σδ],   D = diag(δ), δ [n] the curvature of the loss, X [n, k] centred, the intercept last
 *
 * Three ways, of which sizes choose: equations in the k features, equations in the n texts (Woodbury's identity, H⁻¹ through I + D½ X Xᵀ D½), and
 * conjugate gradients, which need products with X only. The first two do not mind how weak the penalty is.
 */
import type { CentredDesign } from "./centredDesign.js";
import { factorOn } from "./factorOn.js";
import { dot, sumOf } from "./vectors.js";

/** In what a step is solved. */
export type NewtonSystem = "features" | "texts" | "iterative";

/** One step's equations. */
interface Step {
  readonly curvature: Float64Array;
  readonly gradient: Float64Array;
  readonly diagonal: Float64Array;
  /** Of the residual, for conjugate gradients. */
  readonly tolerance: number;
}

type SolveStep = (step: Step) => Float64Array;

/** Equations up to this size are solved directly. */
const mostDirect = 1024;

/** The way to solve steps for a matrix of features; what is the same for all steps is computed once. */
export function newtonSolver(x: CentredDesign, system: NewtonSystem = systemFor(x)): SolveStep {
  if (system === "iterative") return iteratively(x);
  const solve = system === "features" ? inFeatures(x) : inTexts(x);
  const fallback = iteratively(x);
  return (step) => withIntercept(x, step, solve(step.curvature)) ?? fallback(step);
}

function systemFor({ rows, columns }: CentredDesign): NewtonSystem {
  if (Math.min(rows, columns) > mostDirect) return "iterative";
  return columns <= rows ? "features" : "texts";
}

/** Solves (I + XᵀDX) p = r. */
type SolveFeatures = (r: Float64Array) => Float64Array;

/** The whole step, the intercept eliminated. */
function withIntercept(
  x: CentredDesign,
  { curvature, gradient }: Step,
  solve: SolveFeatures | null,
): Float64Array | null {
  if (solve === null) return null;
  const k = x.columns;
  const both = new Float64Array(k + 1);
  x.transposeTimes(curvature, both);
  const coupling = both.slice(0, k); // Xᵀδ
  const u = solve(gradient.slice(0, k).map((g) => -g));
  const v = solve(coupling);
  const bend = sumOf(curvature) - dot(coupling, v);
  if (!(bend > 0)) return null;
  const shift = (-gradient[k] - dot(coupling, u)) / bend;
  const direction = new Float64Array(k + 1);
  for (let j = 0; j < k; j++) direction[j] = u[j] - shift * v[j];
  direction[k] = shift;
  return direction;
}

const inFeatures = (x: CentredDesign): ((curvature: Float64Array) => SolveFeatures | null) => {
  const { rows: n, columns: k } = x;
  const all = Array.from({ length: k }, (_, j) => j);
  const row = new Float64Array(k);
  return (curvature) => {
    const H = new Float64Array(k * k); // lower triangle
    for (let i = 0; i < n; i++) {
      x.row(i, row);
      for (let a = 0; a < k; a++) {
        const weighted = curvature[i] * row[a];
        if (weighted !== 0) for (let b = 0; b <= a; b++) H[a * k + b] += weighted * row[b];
      }
    }
    for (let j = 0; j < k; j++) H[j * k + j] += 1;
    return factorOn(H, k, all);
  };
};

const inTexts = (x: CentredDesign): ((curvature: Float64Array) => SolveFeatures | null) => {
  const { rows: n, columns: k } = x;
  const all = Array.from({ length: n }, (_, i) => i);
  const gram = new Float64Array(n * n); // X Xᵀ
  const row = new Float64Array(k + 1);
  for (let i = 0; i < n; i++) {
    x.row(i, row.subarray(0, k));
    x.times(row, gram.subarray(i * n, (i + 1) * n));
  }
  const onTexts = new Float64Array(n);
  const onFeatures = new Float64Array(k + 1);
  return (curvature) => {
    const root = curvature.map(Math.sqrt);
    const system = gram.map((value, at) => root[Math.floor(at / n)] * value * root[at % n]);
    for (let i = 0; i < n; i++) system[i * n + i] += 1;
    const solve = factorOn(system, n, all);
    if (solve === null) return null;
    return (r) => {
      onFeatures.set(r);
      onFeatures[k] = 0;
      x.times(onFeatures, onTexts);
      const q = solve(onTexts.map((value, i) => root[i] * value));
      x.transposeTimes(
        q.map((value, i) => root[i] * value),
        onFeatures,
      );
      return r.map((value, j) => value - onFeatures[j]);
    };
  };
};

/** Conjugate gradients on products with X and Xᵀ, preconditioned by the diagonal, up to a residual of `tolerance` in its norm. */
const iteratively =
  (x: CentredDesign): SolveStep =>
  ({ curvature, gradient, diagonal, tolerance }) => {
    const size = gradient.length;
    const d = new Float64Array(size);
    const residual = gradient.map((g) => -g);
    const search = residual.map((value, j) => value / diagonal[j]);
    const product = new Float64Array(size);
    const weighted = new Float64Array(x.rows);
    let rho = dot(residual, search);
    for (let iteration = 0; iteration < 10 * size + 100 && Math.sqrt(rho) > tolerance; iteration++) {
      x.times(search, weighted);
      for (let i = 0; i < weighted.length; i++) weighted[i] *= curvature[i];
      x.transposeTimes(weighted, product);
      for (let j = 0; j < size - 1; j++) product[j] += search[j];
      const bend = dot(search, product);
      if (!(bend > 0)) break; // rounding: no further direction of positive curvature
      const alpha = rho / bend;
      let next = 0;
      for (let j = 0; j < size; j++) {
        d[j] += alpha * search[j];
        residual[j] -= alpha * product[j];
        next += residual[j] ** 2 / diagonal[j];
      }
      const beta = next / rho;
      for (let j = 0; j < size; j++) search[j] = residual[j] / diagonal[j] + beta * search[j];
      rho = next;
    }
    return d;
  };
