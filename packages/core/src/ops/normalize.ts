/*
 * Normalisation of the last axis, as transformers use it before each block.
 *
 *   layerNorm   (x − mean) / sqrt(variance + ε) · scale + bias        Ba, Kiros, Hinton 2016, arXiv 1607.06450
 *   rmsNorm     x / sqrt(mean of squares + ε) · scale                 Zhang, Sennrich 2019, arXiv 1910.07467
 *
 *   x [..., n]     scale [n]     bias [n]     n  features (dModel, dHead)
 */
import { defineOp, type Op } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import { full, type Tensor } from "../tensor.js";
import { float32, shapeError, staticShape, type TensorType } from "../tensorType.js";
import { add, div, mul, sub } from "./binary.js";
import { mean, sumTo } from "./reduce.js";
import { sqrt } from "./unary.js";

interface NormAttrs {
  readonly epsilon: number;
}

function inferNorm(
  name: string,
  x: TensorType | undefined,
  parameters: readonly (TensorType | undefined)[],
): TensorType[] {
  const features = x?.shape[x.shape.length - 1];
  if (
    x?.dtype !== "float32" ||
    features === undefined ||
    parameters.some((p) => p?.dtype !== "float32" || p.shape.length !== 1 || p.shape[0] !== features)
  ) {
    throw shapeError(
      name,
      `float32 x [..., n] and ${parameters.length === 2 ? "scale [n], bias [n]" : "scale [n]"}`,
      [x, ...parameters].filter((type): type is TensorType => type !== undefined),
    );
  }
  return [x];
}

/** The row divided by its root mean square, after `center` took its mean away (or not). */
function normReference(
  x: NdArray,
  [scale, bias]: readonly (NdArray | undefined)[],
  epsilon: number,
  center: boolean,
): NdArray {
  const result = zerosNd(x.shape);
  const n = x.shape[x.shape.length - 1] as number;
  for (let start = 0; start < x.data.length; start += n) {
    const row = x.data.subarray(start, start + n);
    const middle = center ? row.reduce((total, value) => total + value, 0) / n : 0;
    const deviation = Math.sqrt(row.reduce((total, value) => total + (value - middle) ** 2, 0) / n + epsilon);
    row.forEach((value, i) => {
      result.data[start + i] = ((value - middle) / deviation) * (scale?.data[i] as number) + (bias?.data[i] ?? 0);
    });
  }
  return result;
}

/** Gradients of x and scale. What the forward pass knew about each row is computed again: it is one number a row. */
function normVjp(
  x: Tensor,
  scale: Tensor,
  dy: Tensor,
  epsilon: number,
  center: boolean,
): { dx: () => Tensor; dScale: () => Tensor } {
  const centered = center ? sub(x, mean(x, [-1], true)) : x;
  const deviation = sqrt(add(mean(mul(centered, centered), [-1], true), epsilon)); // [..., 1]
  const normalized = div(centered, deviation);
  return {
    dx: () => {
      const inner = mul(dy, scale);
      const along = mul(normalized, mean(mul(inner, normalized), [-1], true));
      return div(sub(center ? sub(inner, mean(inner, [-1], true)) : inner, along), deviation);
    },
    dScale: () => sumTo(mul(dy, normalized), scale),
  };
}

const shapes = [[2, 3], [2, 2, 4], [0, 3], [5]];

export const layerNormOp: Op<NormAttrs> = defineOp<NormAttrs>({
  name: "layerNorm",
  infer: ([x, scale, bias]) => inferNorm("layerNorm", x, [scale, bias]),
  lower: (context, inputs, { epsilon }) => [
    context.emit("LayerNormalization", inputs, { axis: -1, epsilon: { float: epsilon } }),
  ],
  vjp: ({ inputs: [x, scale, bias], grads: [dy], attrs: { epsilon }, needs }) => {
    const { dx, dScale } = normVjp(x as Tensor, scale as Tensor, dy as Tensor, epsilon, true);
    return [needs[0] ? dx() : null, needs[1] ? dScale() : null, needs[2] ? sumTo(dy as Tensor, bias as Tensor) : null];
  },
  reference: ([x, scale, bias], { epsilon }) => [normReference(x as NdArray, [scale, bias], epsilon, true)],
  examples: shapes.map((shape) => ({
    inputs: [float32(...shape), float32(shape.at(-1) as number), float32(shape.at(-1) as number)],
    attrs: { epsilon: 1e-5 },
  })),
});

export const rmsNormOp: Op<NormAttrs> = defineOp<NormAttrs>({
  name: "rmsNorm",
  infer: ([x, scale]) => inferNorm("rmsNorm", x, [scale]),
  // onnxruntime's own operator; ONNX has RMSNormalization from opset 23 on.
  lower: (context, inputs, { epsilon }) => [
    context.emit("SimplifiedLayerNormalization", inputs, { axis: -1, epsilon: { float: epsilon } }),
  ],
  vjp: ({ inputs: [x, scale], grads: [dy], attrs: { epsilon }, needs }) => {
    const { dx, dScale } = normVjp(x as Tensor, scale as Tensor, dy as Tensor, epsilon, false);
    return [needs[0] ? dx() : null, needs[1] ? dScale() : null];
  },
  reference: ([x, scale], { epsilon }) => [normReference(x as NdArray, [scale], epsilon, false)],
  examples: [...shapes, [1, 1]].map((shape) => ({
    inputs: [float32(...shape), float32(shape.at(-1) as number)],
    attrs: { epsilon: 1e-6 },
  })),
});

const ones = (operation: string, x: Tensor): Tensor => full(1, staticShape(x.shape.slice(-1), operation));

/**
 * Mean 0 and variance 1 over the last axis, then scaled and shifted.
 *
 * `scale`: [n], ones when left out
 * `bias`: [n], zeros when left out
 * `epsilon`: added to the variance
 */
export function layerNorm(
  x: Tensor,
  { scale, bias, epsilon = 1e-5 }: { scale?: Tensor; bias?: Tensor; epsilon?: number } = {},
): Tensor {
  const unit = scale ?? ones("layerNorm", x);
  return layerNormOp([x, unit, bias ?? full(0, staticShape(unit.shape, "layerNorm"))], { epsilon })[0] as Tensor;
}

/**
 * Root mean square 1 over the last axis, then scaled.
 *
 * `scale`: [n], ones when left out
 * `epsilon`: added to the mean of squares
 * @example Gemma stores its scales as differences to 1
 * rmsNorm(x, { scale: add(w, 1) });
 */
export const rmsNorm = (x: Tensor, { scale, epsilon = 1e-6 }: { scale?: Tensor; epsilon?: number } = {}): Tensor =>
  rmsNormOp([x, scale ?? ones("rmsNorm", x)], { epsilon })[0] as Tensor;
