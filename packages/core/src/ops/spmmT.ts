import { defineOp } from "../defineOp.js";
import type { LowerContext } from "../lowerContext.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, shapeError } from "../tensorType.js";
import { chunkCount, cutAxis } from "./chunks.js";
import { byColumn, sumByKey } from "./groups.js";
import {
  attrsOf,
  checkPattern,
  densify,
  entriesOf,
  entryCount,
  indicesOf,
  type Pattern,
  type PatternAttrs,
  patternExamples,
  patternOf,
  unsqueeze,
} from "./pattern.js";
import { sddmm } from "./sddmm.js";
import { spmm } from "./spmm.js";

/**
 * Sorting entries by column costs about as much as adding two rows of 100 numbers for each, so that it pays for wide rows only.
 */
const groupedFrom = 256;

/** Scales each entry's row and adds it to the table, a chunk of entries after the other. */
function scatterRows(
  context: LowerContext,
  [v, dense, col, row]: readonly [string, string, string, string | undefined],
  shape: readonly Dim[],
  n: number,
  attrs: PatternAttrs,
): string {
  const perRow = row ? 1 : (shape[1] as number);
  const parts = chunkCount(entryCount(shape, attrs) / Math.max(1, perRow), perRow * n, { table: attrs.dSae * n });
  let w = context.emit("ConstantOfShape", [context.ints(attrs.dSae, n)]);
  for (const take of cutAxis(context, shape[0] as Dim, parts, v)) {
    const rows = row ? context.emit("Gather", [dense, take(row)], { axis: 0 }) : unsqueeze(context, take(dense), 1); // [chunk, n] | [chunk, 1, n]
    const scaled = context.emit("Mul", [unsqueeze(context, take(v), row ? 1 : 2), rows]); // [chunk, n] | [chunk, k, n]
    w = context.emit("ScatterND", [w, unsqueeze(context, take(col), row ? 1 : 2), scaled], { reduction: "add" });
  }
  return w;
}

export const spmmTOp = defineOp<PatternAttrs>({
  name: "spmmT",
  infer: ([values, y, ...indices], attrs) => {
    checkPattern("spmmT", values, indices, attrs);
    if (y?.shape.length !== 2 || y.shape[0] !== attrs.batch)
      throw shapeError("spmmT", `a matrix [${attrs.batch}, n]`, y ? [y] : "nothing");
    return [float32(attrs.dSae, y.shape[1] as Dim)];
  },
  lower: (context, [values, y, ...indices], attrs, node) => {
    const [v, dense, col, row] = [values as string, y as string, indices[0] as string, indices[1]];
    if (context.target.scatterAdd === "dense")
      return [context.emit("Gemm", [densify(context, v, indices, attrs), dense], { transA: 1 })];
    const n = node.inputs[1]?.shape[1] as number;
    const shape = (node.inputs[0] as Tensor).shape;
    if (n < groupedFrom) return [scatterRows(context, [v, dense, col, row], shape, n, attrs)];
    const line = row ? v : context.emit("Reshape", [v, context.ints(-1)]); // [nnz]
    const groups = byColumn(context, col, row, shape[1] as number, attrs);
    return [sumByKey(context, groups, line, dense, entryCount(shape, attrs), n)];
  },
  vjp: ({ inputs: [values, y, ...indices], grads: [dw], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    return [
      needs[0] ? sddmm(y as Tensor, dw as Tensor, pattern) : null,
      needs[1] ? spmm(values as Tensor, pattern, dw as Tensor) : null,
    ];
  },
  reference: ([values, y, col, row], { dSae }) => {
    const n = y?.shape[1] as number;
    const out = zerosNd([dSae, n]);
    for (const entry of entriesOf(col as NdArray, row)) {
      for (let j = 0; j < n; j++) {
        const at = entry.col * n + j;
        out.data[at] =
          (out.data[at] as number) + (values?.data[entry.at] as number) * (y?.data[entry.row * n + j] as number);
      }
    }
    return [out];
  },
  examples: [
    ...patternExamples((values, batch, _dSae, indices) => [values, float32(batch, 2), ...indices]),
    {
      inputs: [float32(3, 2), float32(3, groupedFrom), { type: int64(3, 2), values: [0, 3, 3, 1, 3, 2] }],
      attrs: { batch: 3, dSae: 4 },
      note: "wide rows",
    },
  ],
});

/** Decoder gradient: codesᵀ · Y [batch, n] → [dSae, n]. */
export const spmmT = (values: Tensor, pattern: Pattern, y: Tensor): Tensor =>
  spmmTOp([values, y, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
