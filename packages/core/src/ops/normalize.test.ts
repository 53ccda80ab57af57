import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { placeholder } from "../tensor.js";
import { float32 } from "../tensorType.js";
import { toNumbers } from "../toNumbers.js";
import { add } from "./binary.js";
import { layerNorm, rmsNorm } from "./normalize.js";

const closeTo = (values: number[]) => values.map((value) => expect.closeTo(value, 5));

test("layerNorm: mean 0 and variance 1, then scale and bias", async () => {
  const program = await compile({ x: float32(1, 2), scale: float32(2), bias: float32(2) }, ({ x, scale, bias }) => ({
    plain: layerNorm(x, { epsilon: 0 }),
    scaled: layerNorm(x, { scale, bias, epsilon: 0 }),
  }));
  const { plain, scaled } = await program.run({
    x: Float32Array.of(1, 5),
    scale: Float32Array.of(10, 1),
    bias: Float32Array.of(0, 7),
  });
  expect(toNumbers(plain)).toEqual(closeTo([-1, 1])); // mean 3, variance 4
  expect(toNumbers(scaled)).toEqual(closeTo([-10, 8]));
  await program.dispose();
});

test("rmsNorm: mean square 1; scales that are stored as differences to 1", async () => {
  const program = await compile({ x: float32(1, 2), w: float32(2) }, ({ x, w }) => ({
    plain: rmsNorm(x, { epsilon: 0 }),
    gemma: rmsNorm(x, { scale: add(w, 1), epsilon: 0 }),
  }));
  const { plain, gemma } = await program.run({ x: Float32Array.of(1, 7), w: Float32Array.of(0, 1) });
  expect(toNumbers(plain)).toEqual(closeTo([0.2, 1.4])); // mean square 25
  expect(toNumbers(gemma)).toEqual(closeTo([0.2, 2.8]));
  await program.dispose();
});

test("epsilon keeps a row of zeros finite", async () => {
  const program = await compile({ x: float32(1, 3) }, ({ x }) => ({ layer: layerNorm(x), rms: rmsNorm(x) }));
  const { layer, rms } = await program.run({ x: new Float32Array(3) });
  expect([...toNumbers(layer), ...toNumbers(rms)]).toEqual([0, 0, 0, 0, 0, 0]);
  await program.dispose();
});

test("a large mean costs no digits", async () => {
  const program = await compile({ x: float32(1, 4) }, ({ x }) => ({ y: layerNorm(x, { epsilon: 0 }) }));
  const { y } = await program.run({ x: Float32Array.of(1000, 1001, 1002, 1003) });
  const unit = Math.sqrt(1.25); // deviations ±0.5 and ±1.5 of the mean
  expect(toNumbers(y)).toEqual(closeTo([-1.5 / unit, -0.5 / unit, 0.5 / unit, 1.5 / unit]));
  await program.dispose();
});

test("errors", () => {
  const x = placeholder("x", float32("batch", 4));
  expect(() => layerNorm(x, { scale: placeholder("scale", float32(3)) })).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: layerNorm: needed float32 x [..., n] and scale [n], bias [n], got float32[batch, 4] and float32[3] and float32[3]]`,
  );
  expect(() => rmsNorm(x, { scale: placeholder("scale", float32("batch", 4)) })).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: rmsNorm: needed float32 x [..., n] and scale [n], got float32[batch, 4] and float32[batch, 4]]`,
  );
  expect(() => rmsNorm(placeholder("x", float32("batch", "dModel")))).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: rmsNorm: needed sizes known when the graph is built, got [dModel]; build the program with numbers there]`,
  );
});
