import { fillNormal, key } from "@sae/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { symmetricEigen } from "./symmetricEigen.js";

describe("worked by hand", () => {
  it("a 2 × 2 matrix", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(0, 2, 2, 3), 2);
    expect(values[0]).toBeCloseTo(4, 14);
    expect(values[1]).toBeCloseTo(-1, 14);
    [1, 2, 2, -1].forEach((entry, i) => {
      expect(vectors[i]).toBeCloseTo(entry / Math.sqrt(5), 14);
    });
  });

  it("a diagonal matrix is sorted", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, -2), 3);
    expect(Array.from(values)).toEqual([5, 1, -2]);
    expect(Array.from(vectors)).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 1]);
  });

  it("matrices of no and of one number", () => {
    expect(symmetricEigen(new Float64Array(0), 0).values).toEqual(new Float64Array(0));
    expect(symmetricEigen(Float64Array.of(-7), 1)).toEqual({
      values: Float64Array.of(-7),
      vectors: Float64Array.of(1),
    });
  });

  it("a matrix of zeros, and the identity", () => {
    expect(symmetricEigen(new Float64Array(9), 3).values).toEqual(new Float64Array(3));
    expect(symmetricEigen(Float64Array.of(1, 0, 0, 1), 2).values).toEqual(Float64Array.of(1, 1));
  });

  it("the second-difference matrix: 2 − 2 cos(kπ / (n + 1))", () => {
    const n = 9;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const apart = Math.abs(Math.floor(at / n) - (at % n));
      return apart === 0 ? 2 : apart === 1 ? -1 : 0;
    });
    symmetricEigen(matrix, n).values.forEach((value, i) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((n - i) * Math.PI) / (n + 1)), 12);
    });
  });
});

/** Largest deviations of A v = λ v (relative to the largest |λ|) and of V Vᵀ = 1. */
function residuals(matrix: Float64Array, n: number): { equation: number; orthogonality: number } {
  const { values, vectors } = symmetricEigen(matrix, n);
  const size = Math.max(1e-300, ...values.map(Math.abs));
  let [equation, orthogonality] = [0, 0];
  for (let r = 0; r < n; r++) {
    const v = vectors.subarray(r * n, (r + 1) * n);
    for (let i = 0; i < n; i++) {
      const image = v.reduce((total, value, j) => total + matrix[i * n + j] * value, 0);
      const inner = v.reduce((total, value, j) => total + vectors[i * n + j] * value, 0);
      equation = Math.max(equation, Math.abs(image - values[r] * v[i]) / size);
      orthogonality = Math.max(orthogonality, Math.abs(inner - (i === r ? 1 : 0)));
    }
  }
  return { equation, orthogonality };
}

/** X Xᵀ for X [n, rank]. */
function gram(x: ArrayLike<number>, n: number, rank: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let q = 0; q < rank; q++) out[i * n + j] += x[i * rank + q] * x[j * rank + q];
  return out;
}

describe("for any symmetric matrix", () => {
  it("A v = λ v with orthonormal v and descending λ", () => {
    const magnitudes = fc
      .double({ min: -1, max: 1, noNaN: true })
      .map((value) => (Math.abs(value) < 1e-200 ? 0 : value));
    const symmetric = fc.integer({ min: 1, max: 9 }).chain((n) =>
      fc
        .array(fc.oneof(magnitudes, fc.constant(0)), {
          minLength: n * n,
          maxLength: n * n,
        })
        .map((x) => ({
          n,
          matrix: Float64Array.from(x, (_, at) => x[Math.max(at, (at % n) * n + Math.floor(at / n))]),
        })),
    );
    fc.assert(
      fc.property(symmetric, ({ n, matrix }) => {
        const { values } = symmetricEigen(matrix, n);
        expect(Array.from(values)).toEqual([...values].sort((a, b) => b - a));
        const { equation, orthogonality } = residuals(matrix, n);
        expect(equation).toBeLessThan(1e-12);
        expect(orthogonality).toBeLessThan(1e-12);
      }),
    );
  });

  it.each([
    { n: 60, rank: 60 },
    { n: 60, rank: 5 },
  ])("a covariance of $n dimensions and rank $rank", ({ n, rank }) => {
    const { equation, orthogonality } = residuals(gram(fillNormal(key(1), new Float64Array(n * rank)), n, rank), n);
    expect(equation).toBeLessThan(1e-13);
    expect(orthogonality).toBeLessThan(1e-12);
  });
});

describe("refuses", () => {
  it("a matrix of another size", () => {
    expect(() => symmetricEigen(new Float64Array(5), 2)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: symmetricEigen: needed [2, 2], got 5 numbers]`,
    );
  });

  it("numbers that are none", () => {
    expect(() => symmetricEigen(Float64Array.of(Number.NaN), 1)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: symmetricEigen: needed finite numbers]`,
    );
  });
});
