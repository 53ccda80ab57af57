import { defineOp, type Op } from "../defineOp.js";
import { mapNd } from "../ndArray.js";
import { type Operand, type Tensor, toTensor } from "../tensor.js";
import { broadcastShapes, float32, shapeError } from "../tensorType.js";
import { greater, greaterOrEqual } from "./compare.js";
import { sumTo } from "./reduce.js";
import { log, neg } from "./unary.js";
import { where } from "./where.js";

interface BinaryRule {
  readonly onnx: string;
  readonly reference: (a: number, b: number) => number;
  /** Gradients before they are summed over the broadcast axes. */
  readonly vjp: (args: { a: Tensor; b: Tensor; y: Tensor; dy: Tensor }) => readonly [() => Tensor, () => Tensor];
  readonly domain?: readonly [number, number];
}

const definitions: Op<Record<string, never>>[] = [];

const exampleShapes = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[], [2, 2]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[0, 3], [3]],
  [[1], [1, 1]],
] as const;

/** An element-wise operation of two tensors that broadcast; numbers stand for float32 scalars. */
function binary(name: string, rule: BinaryRule): (a: Operand, b: Operand) => Tensor {
  const op = defineOp({
    name,
    infer: ([a, b]) => {
      if (!a || !b || a.dtype !== b.dtype || a.dtype === "bool")
        throw shapeError(name, "two numeric tensors of one element type", a && b ? [a, b] : "fewer");
      return [{ dtype: a.dtype, shape: broadcastShapes(name, a.shape, b.shape) }];
    },
    lower: (context, inputs) => [context.emit(rule.onnx, inputs)],
    vjp: ({ inputs: [a, b], outputs: [y], grads: [dy], needs }) => {
      if (a?.dtype === "int64") return [null, null];
      const [da, db] = rule.vjp({ a: a as Tensor, b: b as Tensor, y: y as Tensor, dy: dy as Tensor });
      return [needs[0] ? sumTo(da(), a as Tensor) : null, needs[1] ? sumTo(db(), b as Tensor) : null];
    },
    reference: ([a, b], _attrs, node) => {
      if (!a || !b) return [];
      const integer = node.outputs[0]?.dtype === "int64";
      const fn = integer ? (x: number, y: number) => Math.trunc(rule.reference(x, y)) : rule.reference;
      return [mapNd(broadcastShapes(name, a.shape, b.shape) as number[], [a, b], fn)];
    },
    examples: exampleShapes.map(([a, b]) => ({
      inputs: [float32(...a), float32(...b)],
      attrs: {},
      ...(rule.domain && { domain: rule.domain }),
    })),
  });
  definitions.push(op);
  return (a, b) => op([toTensor(a), toTensor(b)], {})[0] as Tensor;
}

/** a + b, broadcasting. */
export const add = binary("add", { onnx: "Add", reference: (a, b) => a + b, vjp: ({ dy }) => [() => dy, () => dy] });
/** a − b, broadcasting. */
export const sub = binary("sub", {
  onnx: "Sub",
  reference: (a, b) => a - b,
  vjp: ({ dy }) => [() => dy, () => neg(dy)],
});
/** a · b, element by element, broadcasting. */
export const mul = binary("mul", {
  onnx: "Mul",
  reference: (a, b) => a * b,
  vjp: ({ a, b, dy }) => [() => mul(dy, b), () => mul(dy, a)],
});
/** a / b, broadcasting; integers are truncated. */
export const div = binary("div", {
  onnx: "Div",
  reference: (a, b) => a / b,
  domain: [0.5, 2],
  vjp: ({ b, y, dy }) => [() => div(dy, b), () => neg(div(mul(dy, y), b))],
});
/** aᵇ for a > 0. */
export const pow = binary("pow", {
  onnx: "Pow",
  reference: Math.pow,
  domain: [0.5, 2],
  vjp: ({ a, b, y, dy }) => [() => mul(dy, mul(b, pow(a, sub(b, 1)))), () => mul(dy, mul(y, log(a)))],
});
/** The larger one; equal values send the gradient to `a`. */
export const maximum = binary("maximum", {
  onnx: "Max",
  reference: Math.max,
  vjp: ({ a, b, dy }) => [() => where(greaterOrEqual(a, b), dy, 0), () => where(greater(b, a), dy, 0)],
});
/** The smaller one; equal values send the gradient to `a`. */
export const minimum = binary("minimum", {
  onnx: "Min",
  reference: Math.min,
  vjp: ({ a, b, dy }) => [() => where(greaterOrEqual(b, a), dy, 0), () => where(greater(a, b), dy, 0)],
});

export const binaryOps: readonly Op<Record<string, never>>[] = definitions;
