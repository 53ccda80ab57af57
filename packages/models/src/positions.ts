/*
 * Some positions of each text, found by number.
 *
 *   x [batch, seq, dModel]     positions int64 [batch, n]     values [batch, n, dModel]
 */
import {
  add,
  arangeLike,
  cast,
  constant,
  customGradient,
  type Dim,
  equal,
  gatherRows,
  matmul,
  mul,
  reduceMax,
  reshape,
  type Tensor,
  where,
} from "@sae/core";

/** 1 where position `i` of a text is the j-th one asked for: float32 [batch, n, seq]. */
function oneHot(x: Tensor, positions: Tensor): Tensor {
  const [batch, n] = positions.shape as readonly [Dim, Dim];
  const at = arangeLike(x, 1); // [seq]
  return cast(equal(reshape(positions, [batch, n, 1]), at), "float32");
}

/**
 * The vectors at some positions, from 0 to seq − 1: [batch, n, dModel], bit for bit, whatever stands at the others. Differentiable: the gradient of a
 * position that is taken several times adds up.
 *
 * @throws SaeError `shape_mismatch` when of batch and seq one is a number and the other a name
 */
export const takePositions = (x: Tensor, positions: Tensor): Tensor =>
  customGradient(
    [x],
    ([y]) => {
      const [batch, seq, dModel] = y.shape as readonly [Dim, Dim, Dim];
      const count = typeof batch === "number" && typeof seq === "number" ? batch * seq : `${batch}*${seq}`;
      const length = add(reduceMax(arangeLike(y, 1)), constant([1], [], "int64")); // seq, when the program runs
      const starts = mul(reshape(arangeLike(y, 0), [batch, 1]), length); // [batch, 1]: the row where each text begins
      return gatherRows(reshape(y, [count, dModel]), add(starts, positions));
    },
    // One product takes less time than to scatter rows into zeros.
    ({ dy }) => [matmul(oneHot(x, positions), dy, { transA: true })], // [batch, seq, dModel]
  );

/**
 * `x` with other vectors at some positions, which must be different ones; everywhere else its bits stay. Where the vectors of a text are several, they
 * must be finite: one product puts them in their places, and 0 · Infinity is NaN.
 */
export function setPositions(x: Tensor, positions: Tensor, values: Tensor): Tensor {
  const [batch, seq] = x.shape as readonly [Dim, Dim];
  const places = oneHot(x, positions); // [batch, n, seq]
  const chosen = reshape(reduceMax(places, [1]), [batch, seq, 1], x);
  return where(equal(chosen, 1), matmul(places, values, { transA: true }), x);
}
