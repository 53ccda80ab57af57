import { add, div, matmul, mul, sqrt, square, sub, sum, type Tensor } from "@sae/core";

/** A matrix with singular values down to 0.05 is orthogonal to float precision after so many; see the test. */
const iterations = 12;

/**
 * The orthogonal matrix that is nearest to `updated` [n, n] (the orthogonal factor of its polar decomposition), for a matrix that is not far from an
 * orthogonal one, `before`. It is as good as a QR decomposition for keeping a basis orthogonal, does not prefer the first columns to the last, and is
 * a handful of matrix products.
 *
 * Newton–Schulz iteration, X ← X (3 − XᵀX) / 2, which brings singular values between 0 and √3 to 1 (Björck, Bowie 1971): the matrix is divided by
 * 1 + ‖updated − before‖ first, which no singular value exceeds.
 */
export function nearestOrthogonal(updated: Tensor, before: Tensor): Tensor {
  const moved = sqrt(sum(square(sub(updated, before)))); // Frobenius norm
  let x = div(updated, add(moved, 1));
  for (let i = 0; i < iterations; i++) {
    const gram = matmul(x, x, { transA: true }); // [n, n]
    x = sub(mul(x, 1.5), mul(matmul(x, gram), 0.5));
  }
  return x;
}
