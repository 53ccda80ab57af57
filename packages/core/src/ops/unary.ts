import { defineOp, type Op, type VjpArguments } from "../defineOp.js";
import { mapNd } from "../ndArray.js";
import { type Operand, type Tensor, toTensor } from "../tensor.js";
import { float32, shapeError } from "../tensorType.js";
import { add, div, mul, sub } from "./binary.js";
import { greater } from "./compare.js";
import { where } from "./where.js";

interface UnaryRule {
  /** ONNX operator. */
  readonly onnx: string;
  readonly reference: (x: number) => number;
  /** Gradient of the input from input, output and output gradient. */
  readonly vjp: (args: { x: Tensor; y: Tensor; dy: Tensor }) => Tensor;
  readonly domain?: readonly [number, number];
}

const definitions: Op<Record<string, never>>[] = [];

/** An element-wise float32 operation of one tensor, same shape out. */
function unary(name: string, rule: UnaryRule): (x: Operand) => Tensor {
  const op = defineOp({
    name,
    infer: ([x]) => {
      if (!x || (x.dtype !== "float32" && x.dtype !== "float16"))
        throw shapeError(name, "one float32 tensor", x ? [x] : "nothing");
      return [x];
    },
    lower: (context, inputs) => [context.emit(rule.onnx, inputs)],
    vjp: ({ inputs: [x], outputs: [y], grads: [dy] }: VjpArguments<Record<string, never>>) => [
      rule.vjp({ x: x as Tensor, y: y as Tensor, dy: dy as Tensor }),
    ],
    reference: ([x]) => [mapNd(x?.shape ?? [], x ? [x] : [], rule.reference)],
    examples: [[2, 3], [], [0, 3], [1, 1]].map((shape) => ({
      inputs: [float32(...shape)],
      attrs: {},
      ...(rule.domain && { domain: rule.domain }),
    })),
  });
  definitions.push(op);
  return (x) => op([toTensor(x)], {})[0] as Tensor;
}

/** −x. */
export const neg = unary("neg", { onnx: "Neg", reference: (x) => -x, vjp: ({ dy }) => neg(dy) });
/** eˣ. */
export const exp = unary("exp", { onnx: "Exp", reference: Math.exp, vjp: ({ y, dy }) => mul(dy, y) });
/** Natural logarithm. */
export const log = unary("log", {
  onnx: "Log",
  reference: Math.log,
  domain: [0.1, 10],
  vjp: ({ x, dy }) => div(dy, x),
});
/** Square root. */
export const sqrt = unary("sqrt", {
  onnx: "Sqrt",
  reference: Math.sqrt,
  domain: [0.1, 10],
  vjp: ({ y, dy }) => div(dy, mul(y, 2)),
});
/** Hyperbolic tangent. */
export const tanh = unary("tanh", {
  onnx: "Tanh",
  reference: Math.tanh,
  vjp: ({ y, dy }) => mul(dy, sub(1, mul(y, y))),
});
/** 1 / (1 + e⁻ˣ). */
export const sigmoid = unary("sigmoid", {
  onnx: "Sigmoid",
  reference: (x) => 1 / (1 + Math.exp(-x)),
  vjp: ({ y, dy }) => mul(dy, mul(y, sub(1, y))),
});
/** Error function. */
export const erf = unary("erf", {
  onnx: "Erf",
  reference: erfReference,
  vjp: ({ x, dy }) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
});
/** Sine, of radians. */
export const sin = unary("sin", { onnx: "Sin", reference: Math.sin, vjp: ({ x, dy }) => mul(dy, cos(x)) });
/** Cosine, of radians. */
export const cos = unary("cos", { onnx: "Cos", reference: Math.cos, vjp: ({ x, dy }) => neg(mul(dy, sin(x))) });
/** max(x, 0); the gradient at 0 is 0. */
export const relu = unary("relu", {
  onnx: "Relu",
  reference: (x) => Math.max(x, 0),
  domain: [0.05, 2],
  vjp: ({ x, dy }) => where(greater(x, 0), dy, 0),
});
/** |x|; the gradient at 0 is that of the right side. */
export const abs = unary("abs", {
  onnx: "Abs",
  reference: Math.abs,
  domain: [-2, -0.05],
  vjp: ({ x, dy }) => where(greater(0, x), neg(dy), dy),
});

/** x², one multiplication. */
export const square = (x: Tensor): Tensor => mul(x, x);

/** x·σ(x). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** Gaussian error linear unit, exact form: x/2·(1 + erf(x/√2)). */
export const gelu = (x: Tensor): Tensor => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/** The tanh approximation of GELU (GPT-2's `gelu_new`, Gemma's `gelu_pytorch_tanh`). */
export const geluTanh = (x: Tensor): Tensor =>
  mul(mul(x, 0.5), add(tanh(mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1));

/** Series below 3, continued fraction above: double precision without a table. */
function erfReference(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 100; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}

export const unaryOps: readonly Op<Record<string, never>>[] = definitions;
