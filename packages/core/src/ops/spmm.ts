import { defineOp } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, shapeError } from "../tensorType.js";
import { chunkCount, cutAxis, join } from "./chunks.js";
import { byRow, sumByKey } from "./groups.js";
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
import { spmmT } from "./spmmT.js";

export const spmmOp = defineOp<PatternAttrs>({
  name: "spmm",
  infer: ([values, w, ...indices], attrs) => {
    checkPattern("spmm", values, indices, attrs);
    if (w?.shape.length !== 2 || w.shape[0] !== attrs.dSae)
      throw shapeError("spmm", `a matrix [${attrs.dSae}, n]`, w ? [w] : "nothing");
    return [float32(attrs.batch, w.shape[1] as Dim)];
  },
  lower: (context, [values, w, ...indices], attrs, node) => {
    const [v, decoder, col, row] = [values as string, w as string, indices[0] as string, indices[1]];
    const n = node.inputs[1]?.shape[1] as number;
    const shape = (node.inputs[0] as Tensor).shape;
    if (!row) {
      const parts = typeof attrs.batch === "number" ? chunkCount(attrs.batch, (shape[1] as number) * n) : 1;
      const results = cutAxis(context, attrs.batch, parts, v).map((take) => {
        const rows = context.emit("Gather", [decoder, take(col)], { axis: 0 }); // [chunk, k, n]
        const y = context.emit("MatMul", [unsqueeze(context, take(v), 1), rows]); // [chunk, 1, n]
        return context.emit("Squeeze", [y, context.ints(1)]);
      });
      return [join(context, results)];
    }
    if (context.target.scatterAdd === "dense" || attrs.batch === 0)
      return [context.emit("MatMul", [densify(context, v, indices, attrs), decoder])];
    return [sumByKey(context, byRow(context, col, row, attrs), v, decoder, entryCount(shape, attrs), n)];
  },
  vjp: ({ inputs: [values, w, ...indices], grads: [dy], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    return [
      needs[0] ? sddmm(dy as Tensor, w as Tensor, pattern) : null,
      needs[1] ? spmmT(values as Tensor, pattern, dy as Tensor) : null,
    ];
  },
  reference: ([values, w, col, row], { batch }) => {
    const n = w?.shape[1] as number;
    const out = zerosNd([batch as number, n]);
    for (const entry of entriesOf(col as NdArray, row)) {
      for (let j = 0; j < n; j++) {
        const at = entry.row * n + j;
        out.data[at] =
          (out.data[at] as number) + (values?.data[entry.at] as number) * (w?.data[entry.col * n + j] as number);
      }
    }
    return [out];
  },
  examples: patternExamples((values, _batch, dSae, indices) => [values, float32(dSae, 2), ...indices]),
});

/** Decoding: codes [batch, dSae] · W [dSae, n] → [batch, n]. */
export const spmm = (values: Tensor, pattern: Pattern, w: Tensor): Tensor =>
  spmmOp([values, w, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
