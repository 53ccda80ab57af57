import { defineOp } from "../defineOp.js";
import { dotIndex, forEachIndex, type NdArray, stridesOf, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, normalizeAxis, type Shape, sameShape, shapeError, type TensorType } from "../tensorType.js";
import { div, mul } from "./binary.js";
import { equal } from "./compare.js";
import { broadcastLike, cast, reshape } from "./shape.js";

interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reducedShape = (shape: Shape, { axes, keepDims }: ReduceAttrs): Dim[] =>
  shape.flatMap((dim, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [dim]));

function inferReduce(name: string, x: TensorType | undefined, attrs: ReduceAttrs): TensorType[] {
  if (!x || x.dtype === "bool") throw shapeError(name, "one numeric tensor", x ? [x] : "nothing");
  return [{ dtype: x.dtype, shape: reducedShape(x.shape, attrs) }];
}

function reduceReference(
  x: NdArray,
  attrs: ReduceAttrs,
  start: number,
  fold: (total: number, value: number) => number,
): NdArray {
  const kept = x.shape.map((dim, axis) => (attrs.axes.includes(axis) ? 1 : dim));
  const out = zerosNd(kept);
  out.data.fill(start);
  const strides = stridesOf(kept, x.shape);
  forEachIndex(x.shape, (index, flat) => {
    const at = dotIndex(index, strides);
    out.data[at] = fold(out.data[at] as number, x.data[flat] as number);
  });
  return { shape: reducedShape(x.shape, attrs) as number[], data: out.data };
}

const reduceExamples = (domain?: readonly [number, number]) =>
  [
    { inputs: [float32(2, 3)], attrs: { axes: [1], keepDims: false } },
    { inputs: [float32(2, 3, 2)], attrs: { axes: [0, 2], keepDims: true } },
    { inputs: [float32(3)], attrs: { axes: [0], keepDims: false } },
    { inputs: [float32(0, 2)], attrs: { axes: [1], keepDims: false } },
    { inputs: [float32(1, 1)], attrs: { axes: [0, 1], keepDims: false } },
  ].map((example) => ({ ...example, ...(domain && { domain }) }));

/** The gradient of a reduction, back in the shape of its input. */
const spread = (dy: Tensor, x: Tensor, attrs: ReduceAttrs): Tensor =>
  broadcastLike(reshape(dy, reducedShape(x.shape, { ...attrs, keepDims: true }), x), x);

export const sumOp = defineOp<ReduceAttrs>({
  name: "sum",
  infer: ([x], attrs) => inferReduce("sum", x, attrs),
  lower: (context, [x], attrs) => [
    context.emit("ReduceSum", [x as string, context.ints(...attrs.axes)], {
      keepdims: attrs.keepDims ? 1 : 0,
      noop_with_empty_axes: 1,
    }),
  ],
  vjp: ({ inputs: [x], grads: [dy], attrs }) => [spread(dy as Tensor, x as Tensor, attrs)],
  reference: ([x], attrs) => [reduceReference(x as NdArray, attrs, 0, (total, value) => total + value)],
  examples: reduceExamples(),
});

export const reduceMaxOp = defineOp<ReduceAttrs>({
  name: "reduceMax",
  infer: ([x], attrs) => inferReduce("reduceMax", x, attrs),
  lower: (context, [x], attrs) => [
    context.emit("ReduceMax", [x as string, context.ints(...attrs.axes)], {
      keepdims: attrs.keepDims ? 1 : 0,
      noop_with_empty_axes: 1,
    }),
  ],
  // Equal maxima share the gradient.
  vjp: ({ inputs: [x], outputs: [y], grads: [dy], attrs }) => {
    const isMax = cast(equal(x as Tensor, spread(y as Tensor, x as Tensor, attrs)), "float32");
    const count = sum(isMax, attrs.axes, true);
    return [div(mul(isMax, spread(dy as Tensor, x as Tensor, attrs)), count)];
  },
  reference: ([x], attrs) => [reduceReference(x as NdArray, attrs, Number.NEGATIVE_INFINITY, Math.max)],
  examples: reduceExamples().filter((example) => example.inputs[0]?.shape[0] !== 0),
});

const resolveAxes = (name: string, x: Tensor, axes: readonly number[] | undefined): number[] =>
  (axes ?? x.shape.map((_, axis) => axis))
    .map((axis) => normalizeAxis(name, axis, x.shape.length))
    .sort((a, b) => a - b);

/** Sum over `axes` (all when left out). */
export const sum = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor =>
  sumOp([x], { axes: resolveAxes("sum", x, axes), keepDims })[0] as Tensor;

/** Largest value over `axes` (all when left out); equal maxima share the gradient. */
export const reduceMax = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor =>
  reduceMaxOp([x], { axes: resolveAxes("reduceMax", x, axes), keepDims })[0] as Tensor;

/** Number of elements over some axes as a float32 scalar: a constant for fixed sizes, measured at run time for symbolic ones. */
export const elementCountOp = defineOp<{ readonly axes: readonly number[] }>({
  name: "elementCount",
  infer: () => [float32()],
  lower: (context, [x], { axes }, node) => {
    const dims = axes.map((axis) => node.inputs[0]?.shape[axis]);
    if (dims.every((dim) => typeof dim === "number")) {
      return [context.constant("float32", [], [dims.reduce((product, dim) => product * dim, 1)])];
    }
    const picked = context.emit("Gather", [context.emit("Shape", [x as string]), context.ints(...axes)]);
    const product = context.emit("ReduceProd", [picked], { keepdims: 0 });
    return [context.emit("Cast", [product], { to: 1 })];
  },
  vjp: () => [null],
  reference: ([x], { axes }) => [
    { shape: [], data: Float64Array.of(axes.reduce((product, axis) => product * (x?.shape[axis] as number), 1)) },
  ],
  examples: [
    { inputs: [float32(2, 3)], attrs: { axes: [0, 1] } },
    { inputs: [float32(0, 3)], attrs: { axes: [0] } },
  ],
});

/** Mean over `axes` (all when left out). */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const resolved = resolveAxes("mean", x, axes);
  return div(sum(x, resolved, keepDims), elementCountOp([x], { axes: resolved })[0] as Tensor);
}

/** Sums a gradient over the axes along which its tensor was broadcast. */
export function sumTo(gradient: Tensor, like: Tensor): Tensor {
  if (sameShape(gradient.shape, like.shape)) return gradient;
  const extra = gradient.shape.length - like.shape.length;
  const axes = gradient.shape.flatMap((dim, axis) =>
    axis < extra || (like.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  const reduced = axes.length > 0 ? sum(gradient, axes, true) : gradient;
  return reshape(reduced, like.shape, like);
}
