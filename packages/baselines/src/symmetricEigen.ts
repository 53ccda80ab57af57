import { SaeError } from "@sae/core";

/** Eigenvalues in descending order, and their vectors as rows [n, n]. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** Shape [n, n]. row i is the unit eigenvector of value i; its entry of largest magnitude is positive. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix [n, n]: Householder reduction to a tridiagonal matrix, then QL steps with implicit shifts
 * (Golub and Van Loan, Matrix Computations, 8.3). Vectors are rows throughout, so that every inner loop runs along memory; n = 1024 takes a few
 * seconds. Only the lower triangle is read.
 *
 * @throws SaeError `shape_mismatch`, `non_finite`, `no_convergence`
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (matrix.length !== n * n) {
    throw new SaeError("shape_mismatch", `symmetricEigen: needed [${n}, ${n}], got ${matrix.length} numbers`);
  }
  if (!matrix.every(Number.isFinite)) throw new SaeError("non_finite", "symmetricEigen: needed finite numbers");
  const { diagonal, below, basis } = tridiagonalize(matrix, n);
  implicitQl(diagonal, below, basis, n);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j] - diagonal[i]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const row = basis.subarray(from * n, (from + 1) * n);
    const largest = row.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    const sign = largest < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) vectors[to * n + i] = sign * row[i];
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Element i stands below diagonal element i; the last is 0. */
  readonly below: Float64Array;
  /** Orthogonal Q with rows qᵢ: A = Σ T[i][j] qᵢ qⱼᵀ. */
  readonly basis: Float64Array;
}

/** Householder: reflections H₀ H₁ … zero A below its first subdiagonal, one column after the other. */
function tridiagonalize(matrix: Float64Array, n: number): Tridiagonal {
  const a = matrix.slice();
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i];
  const reflectors: { v: Float64Array; first: number }[] = []; // H = 1 − v vᵀ with ‖v‖² = 2
  const below = new Float64Array(n);
  const p = new Float64Array(n);
  const negligible = 1e-30 * a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let k = 0; k < n - 1; k++) {
    const first = k + 1;
    const v = a.slice(k * n + first, (k + 1) * n); // row k right of the diagonal
    const largest = v.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest <= negligible) continue;
    for (let i = 0; i < v.length; i++) v[i] /= largest; // squares of tiny numbers would vanish
    const norm = v[0] > 0 ? -Math.sqrt(dot(v, v)) : Math.sqrt(dot(v, v));
    below[k] = norm * largest;
    v[0] -= norm;
    const length = Math.sqrt(dot(v, v) / 2);
    for (let i = 0; i < v.length; i++) v[i] /= length;
    reflectors.push({ v, first });
    // A ← H A H on the block that is left: A − v qᵀ − q vᵀ with p = A v, q = p − (vᵀp / 2) v.
    const m = v.length;
    for (let i = 0; i < m; i++) {
      const row = (first + i) * n + first;
      let total = 0;
      for (let j = 0; j < m; j++) total += a[row + j] * v[j];
      p[i] = total;
    }
    const half = dot(v, p) / 2;
    for (let i = 0; i < m; i++) p[i] -= half * v[i];
    for (let i = 0; i < m; i++) {
      const row = (first + i) * n + first;
      const [vi, pi] = [v[i], p[i]];
      for (let j = 0; j < m; j++) a[row + j] -= vi * p[j] + pi * v[j];
    }
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
  return { diagonal, below, basis: accumulate(reflectors, n) };
}

/** Rows of (H₀ H₁ …)ᵀ: applied from the last reflection to the first, each touches only the block behind it. */
function accumulate(reflectors: readonly { v: Float64Array; first: number }[], n: number): Float64Array {
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (const { v, first } of [...reflectors].reverse()) {
    for (let r = first; r < n; r++) {
      const row = r * n + first;
      let total = 0;
      for (let j = 0; j < v.length; j++) total += basis[row + j] * v[j];
      for (let j = 0; j < v.length; j++) basis[row + j] -= total * v[j];
    }
  }
  return basis;
}

/** Two are usual for an eigenvalue. */
const mostAttempts = 60;

/** Diagonalises T in place by rotations of neighbouring rows, which turn the basis into the eigenvectors. */
function implicitQl(diagonal: Float64Array, below: Float64Array, basis: Float64Array, n: number): void {
  const [d, e] = [diagonal, below];
  for (let l = 0; l < n; l++) {
    for (let attempt = 0; ; attempt++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      if (attempt === mostAttempts) {
        throw new SaeError(
          "no_convergence",
          `symmetricEigen: eigenvalue ${l} of ${n} needed more than ${mostAttempts} steps; scale the matrix to a largest entry of about 1`,
        );
      }
      // Wilkinson's shift, from the leading 2 × 2 block
      const g = (d[l + 1] - d[l]) / (2 * e[l]);
      const r = Math.hypot(g, 1);
      let x = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
      let [s, c, shift] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const length = Math.hypot(f, x);
        e[i + 1] = length;
        if (length === 0) {
          // the matrix has split: start again on the upper part
          d[i + 1] -= shift;
          e[m] = 0;
          break;
        }
        s = f / length;
        c = x / length;
        const before = d[i + 1] - shift;
        const turn = (d[i] - before) * s + 2 * c * b;
        shift = s * turn;
        d[i + 1] = before + shift;
        x = c * turn - b;
        rotate(basis, i * n, (i + 1) * n, n, c, s);
      }
      if (i >= l) continue;
      d[l] -= shift;
      e[l] = x;
      e[m] = 0;
    }
  }
}

/** Rows at `a` and `b` ← c·a − s·b and s·a + c·b. */
function rotate(rows: Float64Array, a: number, b: number, n: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const low = rows[a + i];
    const high = rows[b + i];
    rows[a + i] = c * low - s * high;
    rows[b + i] = s * low + c * high;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
