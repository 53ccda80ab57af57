/**
 * Factors H[S, S], a subset S of the rows and columns of a symmetric positive definite matrix, by Cholesky, to solve equations with it.
 *
 * @param H - [size, size]; its lower triangle is read
 * @param subset - numbers of rows, ascending, [m]
 * @returns p of H[S, S] p = r, for any r [m]; null where the part is not positive definite in double precision
 */
export function factorOn(
  H: Float64Array,
  size: number,
  subset: readonly number[],
): ((r: ArrayLike<number>) => Float64Array) | null {
  const m = subset.length;
  const L = new Float64Array(m * m); // lower triangle
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = H[subset[i] * size + subset[j]];
      for (let t = 0; t < j; t++) sum -= L[i * m + t] * L[j * m + t];
      if (i === j && !(sum > 1e-14 * H[subset[i] * size + subset[i]])) return null;
      L[i * m + j] = i === j ? Math.sqrt(sum) : sum / L[j * m + j];
    }
  }
  return (r) => {
    const p = Float64Array.from(r);
    for (let i = 0; i < m; i++) {
      for (let t = 0; t < i; t++) p[i] -= L[i * m + t] * p[t];
      p[i] /= L[i * m + i];
    }
    for (let i = m - 1; i >= 0; i--) {
      for (let t = i + 1; t < m; t++) p[i] -= L[t * m + i] * p[t];
      p[i] /= L[i * m + i];
    }
    return p;
  };
}
