import { compile, float32, grad, int64, mul, sum } from "@sae/core";
import { expect, it } from "vitest";
import { setPositions, takePositions } from "./positions.js";

it("takes and sets vectors by position, bit for bit", async () => {
  const inputs = {
    x: float32("batch", "seq", 2),
    positions: int64("batch", "n"),
    values: float32("batch", "n", 2),
  };
  const program = await compile(inputs, ({ x, positions, values }) => ({
    taken: takePositions(x, positions),
    set: setPositions(x, positions, values),
  }));
  const x = { data: Float32Array.of(0.1, 1, 0.2, 2, 0.3, 3, 0.4, 4, 0.5, 5, 0.6, 6), shape: [2, 3, 2] };
  const positions = { data: BigInt64Array.of(2n, 0n, 1n, 2n), shape: [2, 2] };
  const values = { data: Float32Array.of(-0.1, -1, -0.2, -2, -0.3, -3, -0.4, -4), shape: [2, 2, 2] };
  const { taken, set } = await program.run({ x, positions, values });
  expect(taken).toEqual({ data: Float32Array.of(0.3, 3, 0.1, 1, 0.5, 5, 0.6, 6), shape: [2, 2, 2] });
  expect(set).toEqual({
    data: Float32Array.of(-0.2, -2, 0.2, 2, -0.1, -1, 0.4, 4, -0.3, -3, -0.4, -4),
    shape: [2, 3, 2],
  });
  const one = await program.run({
    x: { data: Float32Array.of(1, 2), shape: [1, 1, 2] },
    positions: { data: BigInt64Array.of(0n), shape: [1, 1] },
    values: { data: Float32Array.of(3, 4), shape: [1, 1, 2] },
  });
  expect([one.taken.data, one.set.data]).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  await program.dispose();
});

it("takes what stands at a position whatever stands at the others", async () => {
  const inputs = { x: float32("batch", "seq", 2), positions: int64("batch", "n") };
  const program = await compile(inputs, ({ x, positions }) => ({ taken: takePositions(x, positions) }));
  const x = { data: Float32Array.of(1, 2, Number.NaN, Number.POSITIVE_INFINITY, 5, 6), shape: [1, 3, 2] };
  const { taken } = await program.run({ x, positions: { data: BigInt64Array.of(2n, 0n), shape: [1, 2] } });
  expect(taken.data).toEqual(Float32Array.of(5, 6, 1, 2));
  await program.dispose();
});

it.each([
  ["named", "batch", "seq"],
  ["fixed", 2, 3],
])("takes with a gradient that adds up what was taken twice: %s sizes", async (_, batch, seq) => {
  const inputs = { x: float32(batch, seq, 2), positions: int64(batch, 2), weights: float32(batch, 2, 2) };
  const program = await compile(inputs, ({ x, positions, weights }) => ({
    dx: grad(sum(mul(takePositions(x, positions), weights)), [x])[0],
  }));
  const { dx } = await program.run({
    x: { data: new Float32Array(12), shape: [2, 3, 2] },
    positions: { data: BigInt64Array.of(2n, 0n, 1n, 1n), shape: [2, 2] },
    weights: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2, 2] },
  });
  expect(dx.data).toEqual(Float32Array.of(3, 4, 0, 0, 1, 2, 0, 0, 12, 14, 0, 0));
  await program.dispose();
});
