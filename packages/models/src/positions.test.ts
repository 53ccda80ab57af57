import { compile, float32, int64 } from "@sae/core";
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
