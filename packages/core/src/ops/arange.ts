import { defineOp, type Op } from "../defineOp.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, normalizeAxis } from "../tensorType.js";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export const arangeLikeOp: Op<{ readonly axis: number }> = defineOp<{ readonly axis: number }>({
  name: "arangeLike",
  infer: ([x], { axis }) => [int64(x?.shape[axis] as Dim)],
  lower: (context, [x], { axis }, node) => {
    const size = node.inputs[0]?.shape[axis];
    if (typeof size === "number") return [context.constant("int64", [size], upTo(size))];
    const scalar = (value: number) => context.constant("int64", [], [value]);
    const end = context.emit("Gather", [context.emit("Shape", [x as string]), scalar(axis)]);
    return [context.emit("Range", [scalar(0), end, scalar(1)])];
  },
  vjp: "none",
  reference: ([x], { axis }) => {
    const size = x?.shape[axis] as number;
    return [{ shape: [size], data: Float64Array.from(upTo(size)) }];
  },
  examples: [
    { inputs: [float32(2, 3)], attrs: { axis: 1 } },
    { inputs: [float32(0, 3)], attrs: { axis: 0 } },
  ],
});

/** 0, 1, 2, … as int64 [n], where n is the size of one axis of `x`, fixed or not. */
export const arangeLike = (x: Tensor, axis: number): Tensor =>
  arangeLikeOp([x], { axis: normalizeAxis("arangeLike", axis, x.shape.length) })[0] as Tensor;
