/*
 * Some positions of each text, found by number.
 *
 *   x [batch, seq, dModel]     positions int64 [batch, n]     values [batch, n, dModel]
 */
import { arangeLike, cast, type Dim, equal, matmul, reduceMax, reshape, type Tensor, where } from "@sae/core";

/** 1 where position `i` of a text is the j-th one asked for: float32 [batch, n, seq]. */
function oneHot(x: Tensor, positions: Tensor): Tensor {
  const [batch, n] = positions.shape as readonly [Dim, Dim];
  const at = arangeLike(x, 1); // [seq]
  return cast(equal(reshape(positions, [batch, n, 1]), at), "float32");
}

/** The vectors at some positions: [batch, n, dModel]. One product, exact, since all but one factor are 0; differentiable. */
export const takePositions = (x: Tensor, positions: Tensor): Tensor => matmul(oneHot(x, positions), x);

/** `x` with other vectors at some positions, which must be different ones; everywhere else its bits stay. */
export function setPositions(x: Tensor, positions: Tensor, values: Tensor): Tensor {
  const [batch, seq] = x.shape as readonly [Dim, Dim];
  const places = oneHot(x, positions); // [batch, n, seq]
  const chosen = reshape(reduceMax(places, [1]), [batch, seq, 1], x);
  return where(equal(chosen, 1), matmul(places, values, { transA: true }), x);
}
