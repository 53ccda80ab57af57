import { defineOp } from "../defineOp.js";
import { dotIndex, forEachIndex, type NdArray, stridesOf, zerosNd } from "../ndArray.js";
import { constant, type Tensor } from "../tensor.js";
import { float32, type Shape, sameShape, shapeError } from "../tensorType.js";
import { broadcastLike, concat } from "./shape.js";

export const splitLikeOp = defineOp<{ readonly axis: number }>({
  name: "splitLike",
  infer: ([x, ...parts], { axis }) => {
    const rest = (shape: Shape) => shape.filter((_, i) => i !== axis);
    if (!x || parts.length === 0 || parts.some((part) => !sameShape(rest(part.shape), rest(x.shape))))
      throw shapeError("splitLike", `parts of its shape apart from axis ${axis}`, x ? [x, ...parts] : "nothing");
    return parts.map(({ shape }) => ({ dtype: x.dtype, shape }));
  },
  lower: (context, [x, ...parts], { axis }) => {
    const sizes = parts.map((part) => context.emit("Gather", [context.emit("Shape", [part]), context.ints(axis)]));
    return context.emitMany("Split", [x as string, context.emit("Concat", sizes, { axis: 0 })], parts.length, { axis });
  },
  vjp: ({ inputs: [, ...parts], grads, attrs: { axis } }) => {
    const pieces = parts.map((part, i) => grads[i] ?? broadcastLike(constant(0), part));
    return [concat(pieces, axis), ...parts.map(() => null)];
  },
  reference: ([x, ...parts], { axis }) => {
    const source = x as NdArray;
    const strides = stridesOf(source.shape);
    let start = 0;
    return parts.map(({ shape }) => {
      const out = zerosNd(shape);
      forEachIndex(shape, (index, flat) => {
        out.data[flat] = source.data[dotIndex(index, strides) + start * (strides[axis] as number)] as number;
      });
      start += shape[axis] as number;
      return out;
    });
  },
  examples: [
    { inputs: [float32(3, 2), float32(1, 2), float32(2, 2)], attrs: { axis: 0 } },
    { inputs: [float32(2, 3), float32(2, 1), float32(2, 0), float32(2, 2)], attrs: { axis: 1 } },
    { inputs: [float32(2), float32(2)], attrs: { axis: 0 }, note: "one part" },
  ],
});

/** The transpose of `concat` where sizes are known at run time only: pieces of `x` along an axis, as long as `parts`, whose values do not matter. */
export const splitLike = (x: Tensor, parts: readonly Tensor[], axis: number): readonly Tensor[] =>
  splitLikeOp([x, ...parts], { axis });
