import type { Design } from "./design.js";
import type { LinearProbe } from "./logisticRegression.js";
import { dot, sumOf } from "./vectors.js";

/** A matrix of features as the fit sees it: [X − mean, 1]. */
export interface CentredDesign {
  readonly rows: number;
  /** Of X; vectors have one more element, the intercept. */
  readonly columns: number;
  /** out = row i of X − mean, [columns] */
  row(i: number, out: Float64Array): void;
  /** out = [X − mean, 1] v */
  times(v: Float64Array, out: Float64Array): void;
  /** out = [X − mean, 1]ᵀ r */
  transposeTimes(r: Float64Array, out: Float64Array): void;
  /** Diagonal of the Hessian of penalty and loss [columns + 1]. */
  diagonal(curvature: Float64Array): Float64Array;
  /** The probe on X itself. */
  probe(point: Float64Array): LinearProbe;
}

/** [X − mean, 1]: columns without their means, and the intercept as the last one. */
export function centredDesign(x: Design): CentredDesign {
  const { rows: n, columns: k } = x;
  const means = new Float64Array(k);
  x.transposeTimes(new Float64Array(n).fill(1 / n), means);
  const squares = new Float64Array(k);
  const sums = new Float64Array(k);
  return {
    rows: n,
    columns: k,
    row: (i, out) => {
      x.row(i, out);
      for (let j = 0; j < k; j++) out[j] -= means[j];
    },
    times: (v: Float64Array, out: Float64Array): void => {
      const w = v.subarray(0, k);
      x.times(w, out);
      const shift = v[k] - dot(means, w);
      for (let i = 0; i < n; i++) out[i] += shift;
    },
    transposeTimes: (r: Float64Array, out: Float64Array): void => {
      const total = sumOf(r);
      x.transposeTimes(r, out.subarray(0, k));
      for (let j = 0; j < k; j++) out[j] -= means[j] * total;
      out[k] = total;
    },
    diagonal: (curvature: Float64Array): Float64Array => {
      const total = sumOf(curvature);
      x.weightedSquares(curvature, squares);
      x.transposeTimes(curvature, sums);
      const out = new Float64Array(k + 1);
      for (let j = 0; j < k; j++) {
        out[j] = 1 + Math.max(0, squares[j] - 2 * means[j] * sums[j] + means[j] ** 2 * total);
      }
      out[k] = Math.max(total, 1e-12); // where every margin is far out, its curvature underflows
      return out;
    },
    probe: (point: Float64Array): LinearProbe => {
      const weights = point.slice(0, k);
      return { weights, intercept: point[k] - dot(means, weights) };
    },
  };
}
