import { defineOp } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, shapeError } from "../tensorType.js";
import { chunkCount, cutAxis, join } from "./chunks.js";
import { byRow, dotByKey } from "./groups.js";
import {
  attrsOf,
  checkPattern,
  entriesOf,
  entryCount,
  indicesOf,
  type Pattern,
  type PatternAttrs,
  patternExamples,
  patternOf,
  unsqueeze,
} from "./pattern.js";
import { spmm } from "./spmm.js";
import { spmmT } from "./spmmT.js";

export const sddmmOp = defineOp<PatternAttrs>({
  name: "sddmm",
  infer: ([a, b, ...indices], attrs) => {
    checkPattern("sddmm", undefined, indices, attrs);
    if (a?.shape.length !== 2 || b?.shape.length !== 2 || a.shape[1] !== b.shape[1])
      throw shapeError("sddmm", "[batch, n] and [dSae, n]", a && b ? [a, b] : "fewer");
    return [{ dtype: "float32", shape: indices[0]?.shape ?? [] }];
  },
  lower: (context, [a, b, ...indices], attrs, node) => {
    const [left, right, col, row] = [a as string, b as string, indices[0] as string, indices[1]];
    const n = node.inputs[0]?.shape[1] as number;
    const shape = (node.inputs[2] as Tensor).shape;
    if (row && context.target.scatterAdd !== "dense" && attrs.batch !== 0)
      return [dotByKey(context, byRow(context, col, row, attrs), left, right, entryCount(shape, attrs), n)];
    const count = row ? entryCount(shape, attrs) : typeof attrs.batch === "number" ? attrs.batch : 1;
    const parts = chunkCount(count, row ? 2 * n : (shape[1] as number) * n);
    const results = cutAxis(context, shape[0] as Dim, parts, col).map((take) => {
      const rows = context.emit("Gather", [right, take(col)], { axis: 0 }); // [chunk, k, n] or [chunk, n]
      if (!row) {
        const dots = context.emit("MatMul", [rows, unsqueeze(context, take(left), 2)]); // [chunk, k, 1]
        return context.emit("Squeeze", [dots, context.ints(2)]);
      }
      const product = context.emit("Mul", [rows, context.emit("Gather", [left, take(row)], { axis: 0 })]);
      return context.emit("ReduceSum", [product, context.ints(1)], { keepdims: 0 });
    });
    return [join(context, results)];
  },
  vjp: ({ inputs: [a, b, ...indices], grads: [dv], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    return [
      needs[0] ? spmm(dv as Tensor, pattern, b as Tensor) : null,
      needs[1] ? spmmT(dv as Tensor, pattern, a as Tensor) : null,
    ];
  },
  reference: ([a, b, col, row]) => {
    const n = a?.shape[1] as number;
    const out = zerosNd((col as NdArray).shape);
    for (const entry of entriesOf(col as NdArray, row)) {
      for (let j = 0; j < n; j++) {
        out.data[entry.at] =
          (out.data[entry.at] as number) +
          (a?.data[entry.row * n + j] as number) * (b?.data[entry.col * n + j] as number);
      }
    }
    return [out];
  },
  examples: patternExamples((_values, batch, dSae, indices) => [float32(batch, 2), float32(dSae, 2), ...indices]),
});

/** Entries of A Bᵀ at the pattern: A [batch, n], B [dSae, n]. */
export const sddmm = (a: Tensor, b: Tensor, pattern: Pattern): Tensor =>
  sddmmOp([a, b, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
