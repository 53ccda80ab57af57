import { describe, expect, it } from "vitest";
import { compileEncoder } from "./encoder.js";
import { gatedSae } from "./gatedSae.testkit.js";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import { useSae } from "./useSae.testkit.js";
import { variants } from "./variants/index.js";

const dModel = 8;
const rows = 256;
const x = toyActivations({ rows, dModel });
const recipe = { dSae: 24, steps: 20, batch: 64, lr: 5e-3, warmup: 5, l0Warmup: 20 };

describe.each(variants.map((variant) => [variant.name, variant] as const))("%s", (_, variant) => {
  it("has the active latents that plain loops find", async () => {
    const source = await fileSource(arrayActivations(x, dModel));
    const { sae } = await train({ variant, config: { l0: 3 }, recipe, source });
    const encoder = await compileEncoder(sae, rows);
    const { rows: inputs, latents, values } = await encoder.run(x);
    await encoder.dispose();
    const { f } = useSae(sae, x);
    const dense = new Float64Array(f.length);
    inputs.forEach((row, at) => {
      dense[row * sae.dSae + latents[at]] = values[at];
    });
    expect(inputs).toEqual(inputs.slice().sort());
    expect(new Set(Array.from(inputs, (row, at) => row * sae.dSae + latents[at])).size).toBe(values.length);
    expect(values.every((value) => value > 0)).toBe(true);
    // A calibrated threshold is the value of some entry: rounding decides about that one.
    const isAtThreshold = (value: number, at: number) =>
      Math.abs(value - (sae.weights.threshold?.[at % sae.dSae] ?? 0)) < 1e-5;
    const different = Array.from(f.keys()).filter((at) => Math.abs(dense[at] - f[at]) > 1e-4);
    expect(different.filter((at) => !isAtThreshold(Math.max(dense[at], f[at]), at))).toEqual([]);
    expect(different.length).toBeLessThan(2);
    expect(values.length).toBeGreaterThan(rows);
  });
});

it("a variant's own encoder is used", async () => {
  const source = await fileSource(arrayActivations(x, dModel));
  const { sae } = await train({ variant: gatedSae, config: { l0: 3, l1: 0.02 }, recipe, source });
  const encoder = await compileEncoder(sae, 1);
  const { latents, values } = await encoder.run(x.subarray(0, dModel));
  await encoder.dispose();
  const { W_enc, b_enc, b_dec, r_mag, b_mag } = sae.weights;
  const expected = Array.from({ length: sae.dSae }, (_, j) => {
    let projection = 0;
    for (let d = 0; d < dModel; d++) projection += (x[d] - b_dec[d]) * W_enc[d * sae.dSae + j];
    return projection + b_enc[j] > 0 ? Math.max(0, Math.exp(r_mag[j]) * projection + b_mag[j]) : 0;
  });
  const active = expected.flatMap((value, j) => (value > 0 ? [j] : []));
  expect([...latents]).toEqual(active);
  active.forEach((j, at) => {
    expect(values[at]).toBeCloseTo(expected[j], 4);
  });
});

it("no inputs, no entries", async () => {
  const source = await fileSource(arrayActivations(x, dModel));
  const { sae } = await train({ variant: variants[0], config: { l0: 3 }, recipe: { ...recipe, steps: 1 }, source });
  const encoder = await compileEncoder(sae, 0);
  expect((await encoder.run(new Float32Array(0))).rows).toEqual(new Int32Array(0));
  await encoder.dispose();
});
