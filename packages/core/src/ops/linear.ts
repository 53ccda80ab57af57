import { defineOp } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, shapeError } from "../tensorType.js";
import { matmul } from "./matmul.js";
import { sum } from "./reduce.js";

export const linearOp = defineOp({
  name: "linear",
  infer: ([x, w, b]) => {
    if (
      x?.shape.length !== 2 ||
      w?.shape.length !== 2 ||
      x.shape[1] !== w.shape[1] ||
      b?.shape.join() !== `${w.shape[0]}`
    ) {
      throw shapeError("linear", "x [batch, n], W [out, n] and b [out]", x && w && b ? [x, w, b] : "fewer");
    }
    return [float32(x.shape[0] as Dim, w.shape[0] as Dim)];
  },
  lower: (context, inputs) => [context.emit("Gemm", inputs, { transB: 1 })],
  vjp: ({ inputs: [x, w], grads: [dy], needs }) => [
    needs[0] ? matmul(dy as Tensor, w as Tensor) : null,
    needs[1] ? matmul(dy as Tensor, x as Tensor, { transA: true }) : null,
    needs[2] ? sum(dy as Tensor, [0]) : null,
  ],
  reference: ([x, w, b]) => [linearReference(x as NdArray, w as NdArray, b as NdArray)],
  examples: [
    { inputs: [float32(3, 2), float32(4, 2), float32(4)], attrs: {} },
    { inputs: [float32(0, 2), float32(1, 2), float32(1)], attrs: {} },
  ],
});

/** x Wᵀ + b with W [out, n], one row per output. */
export const linear = (x: Tensor, w: Tensor, b: Tensor): Tensor => linearOp([x, w, b], {})[0] as Tensor;

export function linearReference(x: NdArray, w: NdArray, b: NdArray): NdArray {
  const [batch, n] = x.shape as [number, number];
  const dSae = w.shape[0] as number;
  const out = zerosNd([batch, dSae]);
  for (let r = 0; r < batch; r++) {
    for (let c = 0; c < dSae; c++) {
      let total = b.data[c] as number;
      for (let i = 0; i < n; i++) total += (x.data[r * n + i] as number) * (w.data[c * n + i] as number);
      out.data[r * dSae + c] = total;
    }
  }
  return out;
}
