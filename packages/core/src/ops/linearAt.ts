import { defineOp } from "../defineOp.js";
import { type NdArray, ndArray } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { linearReference } from "./linear.js";
import { attrsOf, indicesOf, type Pattern, type PatternAttrs, patternOf } from "./pattern.js";
import { sumColumns } from "./perLatent.js";
import { spmm } from "./spmm.js";
import { spmmT } from "./spmmT.js";

/** The chosen entries of x Wᵀ + b: the values are given, the gradient is theirs. */
const linearAtOp = defineOp<PatternAttrs>({
  name: "linearAt",
  infer: ([values]) => (values ? [values] : []),
  lower: (_context, [values]) => [values as string],
  vjp: ({ inputs: [, x, w, , ...indices], grads: [dy], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    const dv = dy as Tensor;
    return [
      null,
      needs[1] ? spmm(dv, pattern, w as Tensor) : null,
      needs[2] ? spmmT(dv, pattern, x as Tensor) : null,
      needs[3] ? sumColumns(dv, pattern) : null,
    ];
  },
  // The definition, which the given values must agree with: this is what the gradient test differentiates.
  reference: ([, x, w, b, col, row]) => {
    const pre = linearReference(x as NdArray, w as NdArray, b as NdArray);
    const dSae = pre.shape[1] as number;
    const k = row ? 1 : (col?.shape[1] as number);
    return [
      ndArray(
        (col as NdArray).shape,
        Array.from(
          (col as NdArray).data,
          (c, i) => pre.data[(row ? (row.data[i] as number) : Math.floor(i / k)) * dSae + c] as number,
        ),
      ),
    ];
  },
  examples: [],
});

/** Differentiable entries of x Wᵀ + b at a pattern, whose `values` a selection has already computed. */
export const linearAt = (values: Tensor, x: Tensor, w: Tensor, b: Tensor, pattern: Pattern): Tensor =>
  linearAtOp([values, x, w, b, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
