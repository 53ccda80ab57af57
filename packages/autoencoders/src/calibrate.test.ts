import { fillNormal, key } from "@sae/core";
import { describe, expect, it } from "vitest";
import { calibrateThreshold } from "./calibrate.js";
import { drawRows, startingWeights } from "./initialWeights.js";
import type { Sae } from "./sae.js";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import { useSae } from "./useSae.testkit.js";
import { batchTopkSae } from "./variants/batchtopk.js";

const dModel = 5;
const dSae = 30;
const batch = 32;

const saeOf = (rows: Float32Array, bDec = new Float32Array(dModel)): Sae => ({
  dModel,
  dSae,
  activation: { kind: "threshold" },
  weights: startingWeights(rows, { dModel, dSae }, bDec),
});

const withThreshold = (sae: Sae, threshold: number): Sae => ({
  ...sae,
  weights: { ...sae.weights, threshold: new Float32Array(dSae).fill(threshold) },
});

describe("calibrateThreshold", () => {
  const x = fillNormal(key(1), new Float32Array(320 * dModel));
  const sae = saeOf(drawRows(0, { dModel, dSae }));

  it.each([0.1, 1, 3, 2.5, 7.77, 12])("a mean L0 of %d, exact to one activation in all the data", async (l0) => {
    const source = await fileSource(arrayActivations(x, dModel), { order: "sequential" });
    const { threshold, l0: reached, rows } = await calibrateThreshold(sae, source, l0, batch, 10);
    expect(rows).toBe(320);
    expect(Math.abs(reached - l0)).toBeLessThanOrEqual(1 / 320);
    expect(useSae(withThreshold(sae, threshold), x).l0).toBeCloseTo(reached, 2);
  });

  it("looks further when the first batch is denser than the others", async () => {
    const uneven = x.map((value, i) => (i < batch * dModel ? 20 * value : value));
    const source = await fileSource(arrayActivations(uneven, dModel), { order: "sequential" });
    const { l0 } = await calibrateThreshold(sae, source, 3, batch, 10);
    expect(Math.abs(l0 - 3)).toBeLessThanOrEqual(1 / 320);
  });

  it("more than are positive cannot be had: threshold 0 and the L0 that is", async () => {
    const source = await fileSource(arrayActivations(x, dModel), { order: "sequential" });
    const { threshold, l0 } = await calibrateThreshold(sae, source, 25, batch, 10);
    expect(threshold).toBe(0);
    expect(l0).toBeCloseTo(useSae(withThreshold(sae, 0), x).l0, 6);
    expect(l0).toBeLessThan(17);
  });

  it("no latent ever active", async () => {
    const silent = { ...sae, weights: { ...sae.weights, b_enc: new Float32Array(dSae).fill(-100) } };
    const source = await fileSource(arrayActivations(x, dModel), { order: "sequential" });
    expect(await calibrateThreshold(silent, source, 3, batch, 10)).toEqual({ threshold: 0, l0: 0, rows: 320 });
  });
});

describe("a trained SAE with a threshold", () => {
  it("is calibrated on rows that it was not trained on", async () => {
    const data = toyActivations({ rows: 2000, dModel });
    const source = await fileSource(arrayActivations(data, dModel), { heldOut: 0.2 });
    const { sae, calibration } = await train({
      variant: batchTopkSae,
      config: { l0: 2 },
      recipe: { dSae, steps: 50, batch, lr: 0.01 },
      source,
      calibrationRows: 1e6, // more than there are
    });
    expect(calibration?.rows).toBe(384); // whole batches of the 400 held out
    const heldOut = new Float32Array(384 * dModel);
    for (let i = 0; i < 12; i++)
      await source.heldOutBatch(i, heldOut.subarray(i * batch * dModel, (i + 1) * batch * dModel));
    expect(useSae(sae, heldOut).l0).toBeCloseTo(2, 2);
    expect(calibration?.l0).toBeCloseTo(2, 2);
  });

  it("and in smaller batches where fewer are held out than a batch has", async () => {
    const source = await fileSource(arrayActivations(toyActivations({ rows: 400, dModel }), dModel)); // 20 held out
    const recipe = { dSae, steps: 5, batch };
    const { calibration } = await train({ variant: batchTopkSae, config: { l0: 2 }, recipe, source });
    expect(calibration?.rows).toBe(16); // of a batch of 32
    expect(calibration?.l0).toBeCloseTo(2, 1);
  });
});
