import { compileSae, type Sae } from "@sae/autoencoders";
import { compile, fillNormal, float32, fold, key } from "@sae/core";
import { describe, expect, it } from "vitest";
import { saeFeaturizer } from "./saeFeaturizer.js";

const [dModel, dSae, rows] = [6, 20, 5];
const drawn = (name: string, size: number) => fillNormal(fold(key("sae"), name), new Float32Array(size));
const weights = {
  W_enc: drawn("W_enc", dModel * dSae),
  b_enc: drawn("b_enc", dSae),
  W_dec: drawn("W_dec", dSae * dModel),
  b_dec: drawn("b_dec", dModel),
};
const saes: Record<string, Sae> = {
  relu: { dModel, dSae, weights, activation: { kind: "relu" } },
  topk: { dModel, dSae, weights, activation: { kind: "topk", k: 3 } },
  threshold: {
    dModel,
    dSae,
    weights: { ...weights, threshold: new Float32Array(dSae).fill(1.5) },
    activation: { kind: "threshold" },
  },
};

describe.each(Object.entries(saes))("an SAE with %s as features", (_name, sae) => {
  it("decodes to the SAE's reconstruction, and has its active latents", async () => {
    const { encode, decode, weights: stored, dLatent } = saeFeaturizer(sae);
    expect(dLatent).toBe(dSae);
    const types = Object.fromEntries(Object.entries(stored).map(([name, { shape }]) => [name, float32(...shape)]));
    const feeds = Object.fromEntries(Object.entries(stored).map(([name, { data }]) => [name, data]));
    const program = await compile({ x: float32(rows, dModel), ...types }, ({ x, ...p }) => {
      const f = encode(x, p);
      return { f, xHat: decode(f, p) };
    });
    const x = drawn("x", rows * dModel);
    const { f, xHat } = await program.run({ x, ...feeds });
    const forward = await compileSae(sae, rows);
    const expected = await forward.run(x);
    (xHat.data as Float32Array).forEach((value, i) => {
      expect(value).toBeCloseTo(expected.xHat[i], 4);
    });
    const fired = Array.from({ length: dSae }, (_, j) =>
      Array.from({ length: rows }, (_, row) => Number((f.data as Float32Array)[row * dSae + j] > 0)).reduce(
        (a, b) => a + b,
      ),
    );
    expect(fired).toEqual(Array.from(expected.fired));
    expect(fired.some((count) => count > 0)).toBe(true);
    await program.dispose();
    await forward.dispose();
  });
});

it("is for any width: one latent", async () => {
  const one = {
    W_enc: new Float32Array([1, 0]),
    b_enc: Float32Array.of(0),
    W_dec: new Float32Array([1, 0]),
    b_dec: new Float32Array(2),
  };
  const { encode } = saeFeaturizer({ dModel: 2, dSae: 1, weights: one, activation: { kind: "topk", k: 1 } });
  const types = { W_enc: float32(2, 1), b_enc: float32(1), W_dec: float32(1, 2), b_dec: float32(2) };
  const program = await compile({ x: float32(1, 2), ...types }, ({ x, ...p }) => ({ f: encode(x, p) }));
  const { f } = await program.run({ x: Float32Array.of(3, 4), ...one });
  expect(Array.from(f.data as Float32Array)).toEqual([3]);
  await program.dispose();
});
