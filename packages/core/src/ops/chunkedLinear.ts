/*
 * Choosing the active entries of pre = x Wᵀ + b without keeping pre: the product is made for a chunk of rows at a time, the chunk is
 * searched while it is in the cache, and only the chosen entries remain. The choice itself has no gradient; `linearAt` gives the chosen
 * values theirs, which is sparse.
 *
 *   x [batch, n]     W [dSae, n], one row per latent (the encoder transposed)     b [dSae]     pre [batch, dSae]
 */
import type { LowerContext } from "../lowerContext.js";
import { type Dim, float32, shapeError, type TensorType } from "../tensorType.js";
import { cut } from "./chunks.js";

/** Rows of a chunk: enough to keep the matrix product efficient, few enough that its result is still in the cache when searched. */
const chunkRows = 512;

/** Throws unless the inputs are x, W and b of one linear map. */
export function checkLinear(name: string, [x, w, b]: readonly (TensorType | undefined)[]): void {
  if (
    x?.shape.length !== 2 ||
    w?.shape.length !== 2 ||
    x.shape[1] !== w.shape[1] ||
    b?.shape.length !== 1 ||
    b.shape[0] !== w.shape[0]
  ) {
    throw shapeError(
      name,
      "x [batch, n], W [dSae, n] and b [dSae]",
      [x, w, b].filter((type): type is TensorType => type !== undefined),
    );
  }
}

/**
 * Calls `search` with x Wᵀ + b for each chunk of rows. The bias rides along as one more column of W against a column of ones: adding it
 * afterwards would be a pass over the whole result.
 */
export function forEachChunk(
  context: LowerContext,
  [x, w, b]: readonly string[],
  batch: Dim,
  search: (pre: string, start: number, rows: Dim) => void,
): void {
  const oneColumn = context.emit("ReduceSum", [x as string, context.ints(1)], { keepdims: 1 });
  const ones = context.emit("Exp", [context.emit("Mul", [oneColumn, context.constant("float32", [], [0])])]); // [batch, 1]
  const inputs = context.emit("Concat", [x as string, ones], { axis: 1 }); // [batch, n + 1]
  const weights = context.emit("Concat", [w as string, context.emit("Unsqueeze", [b as string, context.ints(1)])], {
    axis: 1,
  }); // [dSae, n + 1]
  const chunks = typeof batch === "number" ? cut(batch, Math.max(1, Math.round(batch / chunkRows))) : [];
  if (chunks.length <= 1) {
    search(context.emit("Gemm", [inputs, weights], { transB: 1 }), 0, batch);
    return;
  }
  for (const [start, end] of chunks) {
    const rows = context.emit("Slice", [inputs, context.ints(start), context.ints(end), context.ints(0)]);
    search(context.emit("Gemm", [rows, weights], { transB: 1 }), start, end - start);
  }
}

/** Small inputs for the tests of what is searched: x, W, b. */
export const linearExample = [float32(3, 2), float32(4, 2), float32(4)] as const;
