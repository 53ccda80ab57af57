import { defineOp } from "../defineOp.js";
import { dotIndex, forEachIndex, mapNd, type NdArray, roundTo, stridesOf, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import {
  bool,
  broadcastShapes,
  type Dim,
  type DType,
  float32,
  formatShape,
  int64,
  isStatic,
  normalizeAxis,
  type Shape,
  sameShape,
  shapeError,
} from "../tensorType.js";
import { sumTo } from "./reduce.js";
import { splitLike } from "./splitLike.js";

/** Product of the fixed dimensions and the sorted names of the symbolic ones: equal products mean equal sizes. */
function sizeSignature(shape: Shape): string {
  const fixed = shape.reduce<number>((product, dim) => (typeof dim === "number" ? product * dim : product), 1);
  const names = shape.filter((dim) => typeof dim === "string").flatMap((dim) => String(dim).split("*"));
  return [fixed, ...names.sort()].join("*");
}

export const reshapeOp = defineOp<{ readonly shape: Shape }>({
  name: "reshape",
  infer: ([x], { shape }) => {
    if (!x || sizeSignature(x.shape) !== sizeSignature(shape))
      throw shapeError("reshape", `as many elements as ${formatShape(shape)}`, x ? [x] : "nothing");
    return [{ dtype: x.dtype, shape }];
  },
  // The optional second input lends its run-time shape: for gradients, whose symbolic sizes are those of a known tensor.
  lower: (context, [x, like], { shape }, node) => {
    if (isStatic(shape)) return [context.emit("Reshape", [x as string, context.ints(...shape)], { allowzero: 1 })];
    if (shape.filter((dim) => typeof dim === "string").length === 1 && !shape.includes(0)) {
      return [
        context.emit("Reshape", [
          x as string,
          context.ints(...shape.map((dim) => (typeof dim === "string" ? -1 : dim))),
        ]),
      ];
    }
    const source = node.inputs[0]?.shape ?? [];
    if (shape.every((dim, axis) => (typeof dim === "number" ? dim !== 0 : source[axis] === dim))) {
      return [
        context.emit("Reshape", [
          x as string,
          context.ints(...shape.map((dim) => (typeof dim === "string" ? 0 : dim))),
        ]),
      ];
    }
    const pick = (from: string, axis: number) =>
      context.emit("Gather", [context.emit("Shape", [from]), context.ints(axis)]);
    let inferred = false;
    const parts = shape.map((dim) => {
      if (typeof dim === "number") return context.ints(dim);
      for (const [tensor, name] of [
        [node.inputs[0], x],
        [node.inputs[1], like],
      ] as const) {
        const axis = tensor?.shape.indexOf(dim) ?? -1;
        if (axis >= 0) return pick(name as string, axis);
      }
      inferred = true;
      return context.ints(-1);
    });
    // Without allowzero a size that is 0 at run time would mean "as in the input"; with it, -1 is not allowed beside a 0.
    return [
      context.emit(
        "Reshape",
        [x as string, context.emit("Concat", parts, { axis: 0 })],
        inferred ? {} : { allowzero: 1 },
      ),
    ];
  },
  vjp: ({ inputs: [x], grads: [dy] }) => [reshape(dy as Tensor, (x as Tensor).shape, x), null],
  reference: ([x], { shape }, node) => {
    const source = node.inputs[0]?.shape ?? [];
    const known = new Map(source.map((dim, axis) => [dim, x?.shape[axis] as number]));
    const dims = shape.map((dim) => (typeof dim === "number" ? dim : (known.get(dim) ?? -1)));
    const rest = dims.filter((dim) => dim >= 0).reduce((product, dim) => product * dim, 1);
    return [
      { shape: dims.map((dim) => (dim < 0 ? (x?.data.length ?? 0) / rest : dim)), data: x?.data as Float64Array },
    ];
  },
  examples: [
    { inputs: [float32(2, 6)], attrs: { shape: [3, 4] } },
    { inputs: [float32(0, 6)], attrs: { shape: [0, 2, 3] } },
    { inputs: [float32(1)], attrs: { shape: [] } },
  ],
});

/** Same elements in row-major order, another shape. `like` lends run-time sizes for symbolic dimensions that `x` does not show. */
export const reshape = (x: Tensor, shape: readonly Dim[], like?: Tensor): Tensor =>
  sameShape(x.shape, shape) ? x : (reshapeOp(like && !isStatic(shape) ? [x, like] : [x], { shape })[0] as Tensor);

export const transposeOp = defineOp<{ readonly order: readonly number[] }>({
  name: "transpose",
  infer: ([x], { order }) => {
    if (!x || order.length !== x.shape.length || new Set(order).size !== order.length)
      throw shapeError("transpose", `a permutation of its axes, not (${order.join(", ")})`, x ? [x] : "nothing");
    return [
      { dtype: x.dtype, shape: order.map((axis) => x.shape[normalizeAxis("transpose", axis, order.length)] as Dim) },
    ];
  },
  lower: (context, inputs, { order }) => [context.emit("Transpose", inputs, { perm: order })],
  vjp: ({ grads: [dy], attrs: { order } }) => [
    transpose(
      dy as Tensor,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ],
  reference: ([x], { order }) => {
    const source = x as NdArray;
    const out = zerosNd(order.map((axis) => source.shape[axis] as number));
    const strides = stridesOf(source.shape);
    const permuted = order.map((axis) => strides[axis] as number);
    forEachIndex(out.shape, (index, flat) => {
      out.data[flat] = source.data[dotIndex(index, permuted)] as number;
    });
    return [out];
  },
  examples: [
    { inputs: [float32(2, 3)], attrs: { order: [1, 0] } },
    { inputs: [float32(2, 3, 4)], attrs: { order: [2, 0, 1] } },
    { inputs: [float32(0, 1)], attrs: { order: [1, 0] } },
  ],
});

/** Permutes the axes; without `order` the last two are swapped. */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const wanted = order ?? [...Array(Math.max(rank - 2, 0)).keys(), rank - 1, rank - 2];
  if ((x.node.op as unknown) === transposeOp.definition) {
    // Two transpositions are one, and none when they cancel: a matrix that is stored transposed is read where it lies.
    const source = x.node.inputs[0] as Tensor;
    const inner = (x.node.attrs as { order: readonly number[] }).order;
    const both = wanted.map((axis) => inner[axis] as number);
    return both.every((axis, i) => axis === i) ? source : (transposeOp([source], { order: both })[0] as Tensor);
  }
  return transposeOp([x], { order: wanted })[0] as Tensor;
}

export const broadcastLikeOp = defineOp({
  name: "broadcastLike",
  infer: ([x, like]) => {
    if (!x || !like || !sameShape(broadcastShapes("broadcastLike", x.shape, like.shape), like.shape))
      throw shapeError(
        "broadcastLike",
        "a tensor that broadcasts to the second one's shape",
        x && like ? [x, like] : "fewer",
      );
    return [{ dtype: x.dtype, shape: like.shape }];
  },
  lower: (context, [x, like], _attrs, node) => {
    const shape = (node.inputs[1] as Tensor).shape;
    return [
      context.emit("Expand", [
        x as string,
        isStatic(shape) ? context.ints(...shape) : context.emit("Shape", [like as string]),
      ]),
    ];
  },
  vjp: ({ inputs: [x], grads: [dy] }) => [sumTo(dy as Tensor, x as Tensor), null],
  reference: ([x, like]) => [mapNd((like as NdArray).shape, [x as NdArray], (value) => value)],
  examples: [
    { inputs: [float32(3), float32(2, 3)], attrs: {} },
    { inputs: [float32(), float32(2, 0)], attrs: {} },
    { inputs: [float32(2, 1), float32(2, 1)], attrs: {} },
  ],
});

/** `x` repeated to the shape of `like`, whose values do not matter. */
export const broadcastLike = (x: Tensor, like: Tensor): Tensor =>
  sameShape(x.shape, like.shape) ? x : (broadcastLikeOp([x, like], {})[0] as Tensor);

export const castOp = defineOp<{ readonly dtype: DType }>({
  name: "cast",
  infer: ([x], { dtype }) => [{ dtype, shape: x?.shape ?? [] }],
  lower: (context, inputs, { dtype }) => [context.emit("Cast", inputs, { to: context.elementType(dtype) })],
  vjp: ({ inputs: [x], grads: [dy] }) => {
    const float = x?.dtype === "float32" || x?.dtype === "float16";
    return [float ? cast(dy as Tensor, x.dtype) : null];
  },
  reference: ([x], { dtype }) => [
    mapNd(x?.shape ?? [], [x as NdArray], (value) => (dtype === "float32" ? value : roundTo(dtype, value))),
  ],
  examples: [
    { inputs: [{ type: bool(2, 2), values: [1, 0, 0, 1] }], attrs: { dtype: "float32" } },
    { inputs: [{ type: float32(3), values: [1.5, -2.5, 3] }], attrs: { dtype: "int64" } },
    { inputs: [{ type: int64(0), values: [] }], attrs: { dtype: "float32" } },
  ],
});

/** Converts the element type. */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : (castOp([x], { dtype })[0] as Tensor);

export const concatOp = defineOp<{ readonly axis: number; readonly dim: Dim }>({
  name: "concat",
  infer: (inputs, { axis, dim }) => {
    const first = inputs[0];
    const rest = (shape: Shape) => shape.filter((_, i) => i !== axis);
    if (!first || inputs.some((x) => x.dtype !== first.dtype || !sameShape(rest(x.shape), rest(first.shape))))
      throw shapeError("concat", `equal shapes apart from axis ${axis}`, inputs);
    return [{ dtype: first.dtype, shape: first.shape.map((size, i) => (i === axis ? dim : size)) }];
  },
  lower: (context, inputs, { axis }) => [
    inputs.length === 1 ? (inputs[0] as string) : context.emit("Concat", inputs, { axis }),
  ],
  vjp: ({ inputs, grads: [dy], attrs: { axis } }) => {
    const sizes: Shape = inputs.map((x) => x.shape[axis] as Dim);
    if (!isStatic(sizes)) return splitLike(dy as Tensor, inputs, axis);
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return slice(dy as Tensor, axis, start - size, start);
    });
  },
  reference: (inputs, { axis }) => {
    const first = inputs[0] as NdArray;
    const out = zerosNd(
      first.shape.map((dim, i) =>
        i === axis ? inputs.reduce((total, x) => total + (x.shape[axis] as number), 0) : dim,
      ),
    );
    const outStrides = stridesOf(out.shape);
    let start = 0;
    for (const x of inputs) {
      forEachIndex(x.shape, (index, flat) => {
        out.data[dotIndex(index, outStrides) + start * (outStrides[axis] as number)] = x.data[flat] as number;
      });
      start += x.shape[axis] as number;
    }
    return [out];
  },
  examples: [
    { inputs: [float32(2, 3), float32(1, 3)], attrs: { axis: 0, dim: 3 } },
    { inputs: [float32(2, 1), float32(2, 0), float32(2, 2)], attrs: { axis: 1, dim: 3 } },
  ],
});

/** Joins along an axis. Symbolic sizes add up to a new name. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  const at = normalizeAxis("concat", axis, inputs[0]?.shape.length ?? 0);
  const dims = inputs.map((x) => x.shape[at] as Dim);
  const dim: Dim = isStatic(dims) ? dims.reduce((total: number, size: number) => total + size, 0) : dims.join("+");
  return concatOp(inputs, { axis: at, dim })[0] as Tensor;
}

interface SliceAttrs {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

export const sliceOp = defineOp<SliceAttrs>({
  name: "slice",
  infer: ([x], { axis, start, end }) => {
    const dim = x?.shape[axis];
    if (!x || start < 0 || end < start || (typeof dim === "number" && end > dim))
      throw shapeError("slice", `axis ${axis} to hold [${start}, ${end})`, x ? [x] : "nothing");
    return [{ dtype: x.dtype, shape: x.shape.map((size, i) => (i === axis ? end - start : size)) }];
  },
  lower: (context, [x], { axis, start, end }) => [
    context.emit("Slice", [x as string, context.ints(start), context.ints(end), context.ints(axis)]),
  ],
  vjp: ({ inputs: [x], grads: [dy], attrs }) => [padLike(dy as Tensor, x as Tensor, attrs)],
  reference: ([x], { axis, start, end }) => {
    const source = x as NdArray;
    const out = zerosNd(source.shape.map((dim, i) => (i === axis ? end - start : dim)));
    const strides = stridesOf(source.shape);
    forEachIndex(out.shape, (index, flat) => {
      out.data[flat] = source.data[dotIndex(index, strides) + start * (strides[axis] as number)] as number;
    });
    return [out];
  },
  examples: [
    { inputs: [float32(2, 5)], attrs: { axis: 1, start: 1, end: 4 } },
    { inputs: [float32(3)], attrs: { axis: 0, start: 0, end: 0 } },
    { inputs: [float32(1, 1)], attrs: { axis: 0, start: 0, end: 1 } },
  ],
});

/** Elements [start, end) of one axis. */
export const slice = (x: Tensor, axis: number, start: number, end: number): Tensor =>
  sliceOp([x], { axis: normalizeAxis("slice", axis, x.shape.length), start, end })[0] as Tensor;

/** The transpose of `slice`: zeros around, in the shape of `like`. */
export const padLikeOp = defineOp<SliceAttrs>({
  name: "padLike",
  infer: ([x, like]) => [{ dtype: x?.dtype ?? "float32", shape: like?.shape ?? [] }],
  lower: (context, [x, like], { axis, start, end }, node) => {
    const dim = (node.inputs[1] as Tensor).shape[axis] as Dim;
    const after =
      typeof dim === "number"
        ? context.ints(dim - end)
        : context.emit("Sub", [
            context.emit("Gather", [context.emit("Shape", [like as string]), context.ints(axis)]),
            context.ints(end),
          ]);
    const pads = context.emit("Concat", [context.ints(start), after], { axis: 0 });
    return [context.emit("Pad", [x as string, pads, context.constant("float32", [], [0]), context.ints(axis)])];
  },
  vjp: ({ grads: [dy], attrs: { axis, start, end } }) => [slice(dy as Tensor, axis, start, end), null],
  reference: ([x, like], { axis, start }) => {
    const out = zerosNd((like as NdArray).shape);
    const strides = stridesOf(out.shape);
    forEachIndex((x as NdArray).shape, (index, flat) => {
      out.data[dotIndex(index, strides) + start * (strides[axis] as number)] = x?.data[flat] as number;
    });
    return [out];
  },
  examples: [{ inputs: [float32(2, 1), float32(2, 4)], attrs: { axis: 1, start: 2, end: 3 } }],
});

const padLike = (x: Tensor, like: Tensor, attrs: SliceAttrs): Tensor => padLikeOp([x, like], attrs)[0] as Tensor;
