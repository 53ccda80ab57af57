/* A tour of the package: what a baseline is, and what it keeps a training run from doing. Read from top to bottom. */
import { arrayActivations, fileSource, jumpReluSae, topkSae, train } from "@sae/autoencoders";
import { fillNormal, key } from "@sae/core";
import { expect, test } from "vitest";
import { baselines, constraintOf, frozenDecoder, frozenEncoder, pca, random } from "./index.js";

const dModel = 6;
const base = {
  variant: topkSae,
  config: { l0: 3 },
  recipe: { dSae: 24, steps: 40, batch: 32, lr: 0.01, warmup: 5 },
  source: await fileSource(arrayActivations(fillNormal(key(0), new Float32Array(1000 * dModel)), dModel)),
};

test("a baseline is a few lines of data", () => {
  expect(frozenDecoder).toMatchObject({ name: "frozen_decoder", frozen: ["W_dec"] });
  expect(constraintOf(frozenDecoder)).toEqual({ name: "frozen_decoder", config: {}, frozen: ["W_dec"] });
  expect(baselines.length).toBe(7);
});

test("what is frozen keeps its bits, what is not is trained", async () => {
  const { sae, initialDecoder } = await train({ ...base, constraint: constraintOf(frozenDecoder) });
  expect(sae.weights.W_dec).toEqual(initialDecoder);
  const other = await train({ ...base, constraint: constraintOf(frozenEncoder) });
  expect(other.sae.weights.W_dec).not.toEqual(initialDecoder);
});

test("controls are ready without a step, with the L0 of the trained SAE", async () => {
  for (const control of [random, pca]) {
    const none = { ...base, recipe: { ...base.recipe, steps: 0 }, calibrationRows: 32 };
    const { sae, calibration } = await train({ ...none, variant: jumpReluSae, constraint: constraintOf(control) });
    expect(calibration?.l0).toBeCloseTo(3, 1);
    expect(sae.activation.kind).toBe("threshold");
  }
});
