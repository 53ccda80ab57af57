/*
 * One element, or a few, out of each row of the last axis: the logit of the next token, the cosine of each row's best match.
 *
 *   x [..., n]     index [..., k] int64, 0 <= index < n     values [..., k]
 *
 * Indices are not checked: as ONNX has it, a negative one counts from the end (−1 is the last element), others outside are an error of the run on the
 * CPU and undefined on a GPU.
 */
import { defineOp, type Op } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import { constant, type Tensor } from "../tensor.js";
import { float32, int64, sameShape, shapeError, type TensorType } from "../tensorType.js";
import { broadcastLike } from "./shape.js";

function checkIndex(name: string, x: TensorType | undefined, index: TensorType | undefined): void {
  const leading = (type: TensorType) => type.shape.slice(0, -1);
  if (
    !x ||
    x.shape.length === 0 ||
    index?.dtype !== "int64" ||
    index.shape.length !== x.shape.length ||
    !sameShape(leading(x), leading(index))
  ) {
    throw shapeError(
      name,
      "x [..., n] and int64 index [..., k] with the same leading dimensions",
      x && index ? [x, index] : "fewer",
    );
  }
}

/** Calls `visit` with the flat position in `index` and the flat position in `x` that it names. */
function forEachPick(x: NdArray, index: NdArray, visit: (at: number, from: number) => void): void {
  const [n, k] = [x.shape[x.shape.length - 1] as number, index.shape[index.shape.length - 1] as number];
  index.data.forEach((column, at) => {
    visit(at, Math.floor(at / k) * n + column);
  });
}

const repeated = { type: int64(2, 3), values: [0, 2, 2, 1, 1, 1] };

export const takeAlongLastAxisOp: Op<Record<string, never>> = defineOp({
  name: "takeAlongLastAxis",
  infer: ([x, index]) => {
    checkIndex("takeAlongLastAxis", x, index);
    return [{ dtype: (x as TensorType).dtype, shape: (index as TensorType).shape }];
  },
  lower: (context, inputs) => [context.emit("GatherElements", inputs, { axis: -1 })],
  vjp: ({ inputs: [x, index], grads: [dy] }) => [
    addAlongLastAxis(broadcastLike(constant(0), x as Tensor), index as Tensor, dy as Tensor),
    null,
  ],
  reference: ([x, index]) => {
    const out = zerosNd((index as NdArray).shape);
    forEachPick(x as NdArray, index as NdArray, (at, from) => {
      out.data[at] = x?.data[from] as number;
    });
    return [out];
  },
  examples: [
    { inputs: [float32(2, 4), repeated], attrs: {}, note: "repeated" },
    { inputs: [float32(2, 1, 3), { type: int64(2, 1, 1), values: [2, 0] }], attrs: {} },
    { inputs: [float32(0, 3), { type: int64(0, 1), values: [] }], attrs: {} },
    { inputs: [float32(1), { type: int64(1), values: [0] }], attrs: {} },
  ],
});

export const addAlongLastAxisOp: Op<Record<string, never>> = defineOp({
  name: "addAlongLastAxis",
  infer: ([x, index, values]) => {
    checkIndex("addAlongLastAxis", x, index);
    if (!x || !index || values?.dtype !== x.dtype || !sameShape(values.shape, index.shape))
      throw shapeError(
        "addAlongLastAxis",
        "one value for each index",
        x && index && values ? [x, index, values] : "fewer",
      );
    return [x];
  },
  // Unlike ScatterND, ScatterElements adds repeated indices up with any number of threads.
  lower: (context, inputs) => [context.emit("ScatterElements", inputs, { axis: -1, reduction: "add" })],
  vjp: ({ inputs: [, index], grads: [dy], needs }) => [
    dy as Tensor,
    null,
    needs[2] ? takeAlongLastAxis(dy as Tensor, index as Tensor) : null,
  ],
  reference: ([x, index, values]) => {
    const out = { shape: (x as NdArray).shape, data: (x as NdArray).data.slice() };
    forEachPick(out, index as NdArray, (at, from) => {
      out.data[from] = (out.data[from] as number) + (values?.data[at] as number);
    });
    return [out];
  },
  examples: [
    { inputs: [float32(2, 4), repeated, float32(2, 3)], attrs: {}, note: "repeated" },
    { inputs: [float32(0, 3), { type: int64(0, 1), values: [] }, float32(0, 1)], attrs: {} },
    { inputs: [float32(1), { type: int64(1), values: [0] }, float32(1)], attrs: {} },
  ],
});

/** x[..., index[..., j]] for each row of the last axis. Indices are not checked; a negative one counts from the end, as ONNX has it. */
export const takeAlongLastAxis = (x: Tensor, index: Tensor): Tensor => takeAlongLastAxisOp([x, index], {})[0] as Tensor;

/**
 * `x` with `values[..., j]` added at index[..., j] of each row; repeated indices add up on every provider. Indices are not checked; a negative one
 * counts from the end, as ONNX has it.
 */
export const addAlongLastAxis = (x: Tensor, index: Tensor, values: Tensor): Tensor =>
  addAlongLastAxisOp([x, index, values], {})[0] as Tensor;
