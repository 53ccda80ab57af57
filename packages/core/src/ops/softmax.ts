import { defineOp, type Op } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { float32, shapeError, type TensorType } from "../tensorType.js";
import { mul, sub } from "./binary.js";
import { sum } from "./reduce.js";
import { exp } from "./unary.js";

function inferLastAxis(name: string, x: TensorType | undefined): TensorType[] {
  if (x?.dtype !== "float32" || x.shape.length === 0)
    throw shapeError(name, "one float32 tensor [..., n]", x ? [x] : "nothing");
  return [x];
}

/** Calls `fill` with each row of the last axis and the row of the result that it is to fill. */
function mapRows(x: NdArray, fill: (row: Float64Array, out: Float64Array) => void): NdArray {
  const result = zerosNd(x.shape);
  const n = x.shape[x.shape.length - 1] as number;
  for (let start = 0; start < x.data.length; start += n)
    fill(x.data.subarray(start, start + n), result.data.subarray(start, start + n));
  return result;
}

/** Differences to the largest value, and the logarithm of the sum of their exponentials: nothing overflows, and nothing is lost beside it. */
function fromLargest(row: Float64Array): { differences: Float64Array; logTotal: number } {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const differences = row.map((value) => value - largest);
  return { differences, logTotal: Math.log(differences.reduce((total, value) => total + Math.exp(value), 0)) };
}

const examples = [
  { inputs: [float32(2, 3)], attrs: {} },
  { inputs: [float32(2, 2, 4)], attrs: {} },
  { inputs: [{ type: float32(2, 3), values: [1000, 999, 0, -1000, -1000, -1001] }], attrs: {}, note: "large values" },
  { inputs: [float32(0, 3)], attrs: {} },
  { inputs: [float32(1)], attrs: {} },
];

export const softmaxOp: Op<Record<string, never>> = defineOp({
  name: "softmax",
  infer: ([x]) => inferLastAxis("softmax", x),
  lower: (context, inputs) => [context.emit("Softmax", inputs, { axis: -1 })],
  vjp: ({ outputs: [y], grads: [dy] }) => {
    const weighted = mul(dy as Tensor, y as Tensor);
    return [sub(weighted, mul(y as Tensor, sum(weighted, [-1], true)))];
  },
  reference: ([x]) => [
    mapRows(x as NdArray, (row, out) => {
      const { differences, logTotal } = fromLargest(row);
      out.set(differences.map((value) => Math.exp(value - logTotal)));
    }),
  ],
  examples,
});

export const logSoftmaxOp: Op<Record<string, never>> = defineOp({
  name: "logSoftmax",
  infer: ([x]) => inferLastAxis("logSoftmax", x),
  lower: (context, inputs) => {
    if (context.target.provider !== "webgpu") return [context.emit("LogSoftmax", inputs, { axis: -1 })];
    // The WebGPU provider has no LogSoftmax: a step on the CPU would copy the whole tensor there and back.
    const largest = context.emit("ReduceMax", [inputs[0] as string, context.ints(-1)], { keepdims: 1 });
    const shifted = context.emit("Sub", [inputs[0] as string, largest]);
    const total = context.emit("ReduceSum", [context.emit("Exp", [shifted]), context.ints(-1)], { keepdims: 1 });
    return [context.emit("Sub", [shifted, context.emit("Log", [total])])];
  },
  vjp: ({ outputs: [y], grads: [dy] }) => [sub(dy as Tensor, mul(exp(y as Tensor), sum(dy as Tensor, [-1], true)))],
  reference: ([x]) => [
    mapRows(x as NdArray, (row, out) => {
      const { differences, logTotal } = fromLargest(row);
      out.set(differences.map((value) => value - logTotal));
    }),
  ],
  examples,
});

/** exp(xᵢ) / Σ exp(xⱼ) over the last axis. Stable: only differences to the largest value enter. */
export const softmax = (x: Tensor): Tensor => softmaxOp([x], {})[0] as Tensor;

/** xᵢ − log Σ exp(xⱼ) over the last axis. Stable, also where softmax is 0 in float32. */
export const logSoftmax = (x: Tensor): Tensor => logSoftmaxOp([x], {})[0] as Tensor;
