import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { grad } from "../grad.js";
import { interpret, largestDifference } from "../interpret.js";
import { fillNormal, key } from "../random.js";
import type { Tensor } from "../tensor.js";
import { float32 } from "../tensorType.js";
import { sum } from "./reduce.js";
import { tokenDivergences } from "./tokenDivergences.js";

const build = ({ p, q }: { p: Tensor; q: Tensor }) => ({ kl: tokenDivergences(p, q) });

test("of (3/4, 1/4) from (1/2, 1/2) is 3/4 log 3/2 + 1/4 log 1/2, and of a distribution from itself nothing", async () => {
  const program = await compile({ p: float32("batch", 2), q: float32("batch", 2) }, build);
  const p = { data: Float32Array.of(Math.log(3), 0, 5, 5), shape: [2, 2] };
  const q = { data: Float32Array.of(7, 7, -1, -1), shape: [2, 2] };
  const { kl } = await program.run({ p, q });
  expect(Number(kl.data[0])).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
  expect(Number(kl.data[1])).toBeCloseTo(0, 6);
  await program.dispose();
});

test("stays finite where a probability is 0 in float32, and agrees with double precision at every size", async () => {
  const inputs = { p: float32("batch", "seq", 5), q: float32("batch", "seq", 5) };
  const program = await compile(inputs, build);
  const reference = interpret(inputs, build);
  for (const [batch, seq] of [
    [0, 3],
    [1, 1],
    [2, 3],
  ]) {
    const draw = (name: string) => ({
      data: fillNormal(key(name), new Float32Array(batch * seq * 5)).map((value) => 100 * value),
      shape: [batch, seq, 5],
    });
    const feeds = { p: draw("p"), q: draw("q") };
    const { kl } = await program.run(feeds);
    expect(kl.shape).toEqual([batch, seq]);
    expect(Array.from(kl.data as Float32Array).every(Number.isFinite)).toBe(true);
    expect(largestDifference(kl, reference.run(feeds).kl)).toBeLessThan(1e-3);
  }
  await program.dispose();
});

test("a token with a logit of −∞ under both, or under p alone, costs nothing, in the gradient either", async () => {
  const inputs = { p: float32(2, 3), q: float32(2, 3) };
  const program = await compile(inputs, ({ p, q }) => {
    const kl = tokenDivergences(p, q);
    const [dp, dq] = grad(sum(kl), [p, q]) as [Tensor, Tensor];
    return { kl, dp, dq };
  });
  const { kl, dp, dq } = await program.run({
    p: Float32Array.of(Math.log(3), 0, -Infinity, 0, 0, -Infinity),
    q: Float32Array.of(0, 0, -Infinity, 0, 0, 0),
  });
  expect(Number(kl.data[0])).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6);
  expect(Number(kl.data[1])).toBeCloseTo(Math.log(1.5), 6);
  const slope = 0.75 * 0.25 * Math.log(3); // p₀ p₁ (log p₀/q₀ − log p₁/q₁)
  [slope, -slope, 0, 0, 0, 0].forEach((expected, i) => {
    expect(Number(dp.data[i])).toBeCloseTo(expected, 6);
  });
  // q − p
  [-0.25, 0.25, 0, -1 / 6, -1 / 6, 1 / 3].forEach((expected, i) => {
    expect(Number(dq.data[i])).toBeCloseTo(expected, 6);
  });
  await program.dispose();
});

test("needs logits of one shape", () => {
  expect(() =>
    interpret({ p: float32(2, 3), q: float32(2, 4) }, build).run({ p: new Float32Array(6), q: new Float32Array(8) }),
  ).toThrow("tokenDivergences: needed logits like float32[2, 3] on both sides");
});
