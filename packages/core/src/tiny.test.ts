/*
 * A tour of the package: from a function over symbolic tensors to numbers, gradients, loops and sparse codes.
 */
import { expect, test } from "vitest";
import { decode, preActivation, topk } from "./codes.js";
import { compile } from "./compile.js";
import { grad } from "./grad.js";
import { add, mul, sub } from "./ops/binary.js";
import { matmul } from "./ops/matmul.js";
import { mean, sum } from "./ops/reduce.js";
import { scan } from "./ops/scan.js";
import { relu, square } from "./ops/unary.js";
import { fillNormal, fold, key } from "./random.js";
import { constant } from "./tensor.js";
import { float32 } from "./tensorType.js";

test("a function becomes a program", async () => {
  const program = await compile({ x: float32("batch", 2), w: float32(2, 3) }, ({ x, w }) => ({
    y: relu(matmul(x, w)),
  }));
  const w = Float32Array.of(1, 0, -1, 0, 1, 1); // [2, 3]
  const { y } = await program.run({ x: { data: Float32Array.of(1, 2), shape: [1, 2] }, w });
  expect(y).toEqual({ data: Float32Array.of(1, 2, 1), shape: [1, 3] });
  await program.dispose();
});

test("a gradient is more graph", async () => {
  const program = await compile({ w: float32(2) }, ({ w }) => {
    const loss = sum(square(sub(w, 3))); // (w₀ − 3)² + (w₁ − 3)²
    const [dw] = grad(loss, [w]);
    return { loss, dw };
  });
  const { loss, dw } = await program.run({ w: Float32Array.of(1, 5) });
  expect(loss.data).toEqual(Float32Array.of(8));
  expect(dw.data).toEqual(Float32Array.of(-4, 4));
  await program.dispose();
});

test("a loop trains many steps in one run", async () => {
  const program = await compile({ w: float32(), xs: float32(100, 4) }, ({ w, xs }) => {
    const { carry, ys } = scan({
      carry: { w },
      xs: { x: xs },
      body: (state, { x }) => {
        const loss = mean(square(sub(mul(x, state.w), mul(x, 2)))); // the target is 2x
        const [dw] = grad(loss, [state.w]);
        return { carry: { w: sub(state.w, mul(dw, 0.1)) }, ys: { loss } };
      },
    });
    return { w: carry.w, losses: ys.loss };
  });
  const { w, losses } = await program.run({
    w: Float32Array.of(0),
    xs: fillNormal(key("data"), new Float32Array(400)),
  });
  expect(w.data[0]).toBeCloseTo(2, 4);
  expect(losses.shape).toEqual([100]);
  await program.dispose();
});

test("a sparse autoencoder in one expression", async () => {
  const program = await compile({ x: float32("batch", 2) }, ({ x }) => {
    const W_enc = constant([1, 0, 1, 0, 1, 1], [2, 3]);
    const W_dec = constant([1, 0, 0, 1, 0.5, 0.5], [3, 2]);
    const codes = topk(preActivation(x, { W_enc, b_enc: constant([0, 0, 0]) }), 1); // of three latents the largest one
    return { xHat: add(decode(codes, W_dec), constant([0, 0])) };
  });
  const { xHat } = await program.run({ x: { data: Float32Array.of(2, 1, -1, 4), shape: [2, 2] } });
  expect(xHat.data).toEqual(Float32Array.of(1.5, 1.5, 0, 4)); // x W_enc is [2, 1, 3] and [-1, 4, 3]
  await program.dispose();
});

test("a random number is a function of its key and place", () => {
  const weights = fold(key(42), "init", "W_dec");
  const all = fillNormal(weights, new Float32Array(8));
  const tail = fillNormal(weights, new Float32Array(3), 5);
  expect(tail).toEqual(all.slice(5));
});
