/*
 * One number per latent [dSae] on one side, one number per entry of a pattern on the other.
 */
import { defineOp } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { float32 } from "../tensorType.js";
import {
  attrsOf,
  checkPattern,
  densify,
  indicesOf,
  type Pattern,
  type PatternAttrs,
  patternExamples,
  patternOf,
  unsqueeze,
} from "./pattern.js";

export const sumColumnsOp = defineOp<PatternAttrs>({
  name: "sumColumns",
  infer: ([values, ...indices], attrs) => {
    checkPattern("sumColumns", values, indices, attrs);
    return [float32(attrs.dSae)];
  },
  lower: (context, [values, ...indices], attrs) => {
    if (context.target.scatterAdd === "dense") {
      return [
        context.emit("ReduceSum", [densify(context, values as string, indices, attrs), context.ints(0)], {
          keepdims: 0,
        }),
      ];
    }
    const zeros = context.emit("ConstantOfShape", [context.ints(attrs.dSae)]);
    return [
      context.emit("ScatterND", [zeros, unsqueeze(context, indices[0] as string, -1), values as string], {
        reduction: "add",
      }),
    ];
  },
  vjp: ({ inputs: [, ...indices], grads: [dy], attrs }) => [gatherAt(dy as Tensor, patternOf(attrs, indices))],
  reference: ([values, col], { dSae }) => {
    const out = zerosNd([dSae]);
    col?.data.forEach((column, i) => {
      out.data[column] = (out.data[column] as number) + (values?.data[i] as number);
    });
    return [out];
  },
  examples: patternExamples((values, _batch, _dSae, indices) => [values, ...indices]),
});

/** One number per latent, looked up for every entry: b [dSae] → the shape of the values. The transpose of `sumColumns`. */
export const gatherAtOp = defineOp<PatternAttrs>({
  name: "gatherAt",
  infer: ([_b, ...indices], attrs) => {
    checkPattern("gatherAt", undefined, indices, attrs);
    return [{ dtype: "float32", shape: indices[0]?.shape ?? [] }];
  },
  lower: (context, [b, col]) => [context.emit("Gather", [b as string, col as string], { axis: 0 })],
  vjp: ({ inputs: [, ...indices], grads: [dy], attrs }) => [sumColumns(dy as Tensor, patternOf(attrs, indices))],
  reference: ([b, col]) => [
    {
      shape: (col as NdArray).shape,
      data: Float64Array.from((col as NdArray).data, (column) => b?.data[column] as number),
    },
  ],
  examples: patternExamples((_values, _batch, dSae, indices) => [float32(dSae), ...indices]),
});

/** Sum of the values of each latent: [dSae]. */
export const sumColumns = (values: Tensor, pattern: Pattern): Tensor =>
  sumColumnsOp([values, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

/** One number per latent for every entry of the pattern. */
export const gatherAt = (b: Tensor, pattern: Pattern): Tensor =>
  gatherAtOp([b, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

export const markColumnsOp = defineOp<PatternAttrs>({
  name: "markColumns",
  infer: ([values, ...indices], attrs) => {
    checkPattern("markColumns", values, indices, attrs);
    return [float32(attrs.dSae)];
  },
  lower: (context, [values, col], { dSae }, node) => {
    // Entries that do not count write to a place behind the last latent. All writes are of the same 1: their order does not matter.
    const active = context.emit("Greater", [values as string, context.constant("float32", [], [0])]);
    const place = context.emit("Where", [active, col as string, context.constant("int64", [], [dSae])]);
    const shape = (node.inputs[0] as Tensor).shape;
    const size = shape.every((dim) => typeof dim === "number")
      ? context.ints(...(shape as number[]))
      : context.emit("Shape", [values as string]);
    const ones = context.emit("Expand", [context.constant("float32", [], [1]), size]);
    const zeros = context.emit("ConstantOfShape", [context.ints(dSae + 1)]);
    const marks = context.emit("ScatterND", [zeros, unsqueeze(context, place, -1), ones]);
    return [context.emit("Slice", [marks, context.ints(0), context.ints(dSae)])];
  },
  vjp: "none",
  reference: ([values, col], { dSae }) => {
    const out = zerosNd([dSae]);
    col?.data.forEach((column, i) => {
      if ((values?.data[i] as number) > 0) out.data[column] = 1;
    });
    return [out];
  },
  examples: patternExamples((values, _batch, _dSae, indices) => [values, ...indices]),
});

/** [dSae]: 1 for each latent with a positive value somewhere, else 0. */
export const markColumns = (values: Tensor, pattern: Pattern): Tensor =>
  markColumnsOp([values, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
