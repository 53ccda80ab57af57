import { compile, float32, full } from "@sae/core";
import { describe, expect, it } from "vitest";
import { withAuxiliaryLoss } from "./auxiliary.js";

/** Two inputs of one dimension, three latents with W_enc = (1, 1, −1) and W_dec = (1, 0.5, 1), no biases. */
async function auxiliary(x: number[], xHat: number[], dead: number[], kAux = 1) {
  const types = { x: float32(2, 1), xHat: float32(2, 1), dead: float32(3), W_enc: float32(1, 3), W_dec: float32(3, 1) };
  const program = await compile(types, ({ W_enc, W_dec, ...args }) => {
    const p = { W_enc, W_dec, b_enc: full(0, [3]), b_dec: full(0, [1]) };
    const gradients = { W_enc: full(10, [3, 1]), W_dec: full(20, [3, 1]) }; // so far, with one row per latent
    const result = withAuxiliaryLoss({ ...args, p, kAux, weight: 0.5, gradients });
    return { loss: result.loss, W_enc: result.gradients.W_enc, W_dec: result.gradients.W_dec };
  });
  const weights = { W_enc: Float32Array.of(1, 1, -1), W_dec: Float32Array.of(1, 0.5, 1) };
  const got = await program.run({
    x: Float32Array.from(x),
    xHat: Float32Array.from(xHat),
    dead: Float32Array.from(dead),
    ...weights,
  });
  await program.dispose();
  const numbers = (name: "loss" | "W_enc" | "W_dec") => Array.from(got[name].data as Float32Array);
  return { loss: numbers("loss")[0], W_enc: numbers("W_enc"), W_dec: numbers("W_dec") };
}

describe("auxiliary loss, worked by hand", () => {
  it("dead latents reconstruct what is left over", async () => {
    // e = (1, −1), variance 1. Latent 1 is dead: f = (2, 0), ê = (1, 0), mean (e − ê)² = 1/2.
    const { loss, W_enc, W_dec } = await auxiliary([2, 0], [1, 1], [0, 1, 0]);
    expect(loss).toBeCloseTo(0.5, 6);
    // The residual is a constant and met exactly where f > 0: no gradient is added to the one there was.
    expect(W_enc).toEqual([10, 10, 10]);
    expect(W_dec).toEqual([20, 20, 20]);
  });

  it("its gradient, times the weight, is added to those of dead latents only", async () => {
    // e = (3, −1), mean 1, variance 4. f = (2, 0), ê = (1, 0): ((3 − 1)² + (−1)²) / 2 / 4 = 5/8.
    const { loss, W_enc, W_dec } = await auxiliary([2, 0], [-1, 1], [0, 1, 0]);
    expect(loss).toBeCloseTo(5 / 8, 6);
    // ∂/∂ê₀ = 2 (1 − 3) / 2 / 4 = −1/2; times f = 2 for W_dec, times W_dec · x = 1 for W_enc; weight 1/2
    expect(W_enc[1]).toBeCloseTo(10 - 0.25, 6);
    expect(W_dec[1]).toBeCloseTo(20 - 0.5, 6);
    expect([W_enc[0], W_enc[2], W_dec[0], W_dec[2]]).toEqual([10, 10, 20, 20]);
  });

  it("the largest activations are used, as many as asked for, positive ones only", async () => {
    // Latents 1 and 2 are dead; for x = 2 only latent 1 is positive, for x = −2 only latent 2: ê = (1, 2) whether one may be used or two.
    // e = (3, −3), variance 9.
    const one = await auxiliary([2, -2], [-1, 1], [0, 1, 1]);
    const two = await auxiliary([2, -2], [-1, 1], [0, 1, 1], 2);
    expect(one.loss).toBeCloseTo(((3 - 1) ** 2 + (-3 - 2) ** 2) / 2 / 9, 6);
    expect(two).toEqual(one);
  });

  it("is 0 when nothing is dead, or when what is left over does not vary", async () => {
    expect(await auxiliary([2, 0], [1, 1], [0, 0, 0])).toEqual({ loss: 0, W_enc: [10, 10, 10], W_dec: [20, 20, 20] });
    expect((await auxiliary([2, 0], [1, -1], [0, 1, 0])).loss).toBe(0);
  });
});
