import {
  arrayActivations,
  batchTopkSae,
  fileSource,
  jumpReluSae,
  reluSae,
  type TrainOptions,
  topkSae,
  train,
  variants,
} from "@sae/autoencoders";
import { fillNormal, key } from "@sae/core";
import { describe, expect, it } from "vitest";
import { toyActivations } from "../../autoencoders/src/toyActivations.testkit.js";
import { explained, useSae, worstDifference } from "../../autoencoders/src/useSae.testkit.js";
import { constraintOf } from "./defineBaseline.js";
import { pca } from "./pca.js";
import { random } from "./random.js";
import { shuffledDecoder } from "./shuffledDecoder.js";

const dModel = 6;
const dSae = 24;
const rows = 1024;
const x = toyActivations({ rows, dModel, offset: 3 });
const source = await fileSource(arrayActivations(x, dModel), { order: "sequential" });
const base = {
  config: { l0: 3 },
  recipe: { dSae, steps: 0, batch: 64 },
  source,
} satisfies Omit<TrainOptions, "variant">;

describe("random", () => {
  it.each(variants)("$name: no step, and still the L0 of the others", async (variant) => {
    const { sae, calibration, log } = await train({ ...base, variant, constraint: constraintOf(random) });
    expect(log).toEqual([]);
    expect(sae.activation.kind).toBe(variant.name === "topk" ? "topk" : "threshold");
    if (calibration) expect(Math.abs(calibration.l0 - 3)).toBeLessThanOrEqual(1 / rows);
    const used = useSae(sae, x);
    expect(Math.abs(used.l0 - 3)).toBeLessThan(variant.name === "topk" ? 0.2 : 0.01);
  });

  it("is the same draw as the start of a trained SAE", async () => {
    const control = await train({ ...base, variant: topkSae, constraint: constraintOf(random) });
    const { initialDecoder } = await train({ ...base, variant: topkSae, recipe: { ...base.recipe, steps: 5 } });
    expect(control.sae.weights.W_dec).toEqual(initialDecoder);
  });
});

describe("pca", () => {
  it("has both signs of the principal directions, largest variance first", async () => {
    // Standard deviations 3, 2 and 1 along the axes.
    const noise = fillNormal(key(1), new Float32Array(3 * 60_000)).map((value, i) => value * (3 - (i % 3)) + 10);
    const { sae } = await train({
      ...base,
      variant: topkSae,
      recipe: { ...base.recipe, dSae: 6, batch: 1000, scale: "none" },
      source: await fileSource(arrayActivations(noise, 3), { order: "sequential" }),
      constraint: constraintOf(pca),
    });
    expect(Array.from(sae.weights.W_dec, (value) => Math.round(value * 50) / 50 + 0)).toEqual(
      [
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, 0, 1],
        [0, 0, -1],
      ].flat(),
    );
    for (const value of sae.weights.b_dec) expect(value).toBeCloseTo(10, 1);
  });

  it("reconstructs exactly when as many latents may be active as there are dimensions", async () => {
    const options = { ...base, variant: topkSae, config: { l0: dModel }, constraint: constraintOf(pca) };
    const { sae } = await train(options);
    expect(sae.dSae).toBe(2 * dModel);
    expect(explained(x, useSae(sae, x).xHat, dModel)).toBeGreaterThan(1 - 1e-9);
  });

  it("has no more latents than asked for, and never more than two for each dimension", async () => {
    const widthFor = async (wanted: number) => {
      const recipe = { ...base.recipe, dSae: wanted };
      return (await train({ ...base, variant: batchTopkSae, recipe, constraint: constraintOf(pca) })).sae.dSae;
    };
    expect(await widthFor(5)).toBe(5);
    expect(await widthFor(500)).toBe(2 * dModel);
  });

  it("is calibrated for variants with a rule of their own", async () => {
    const { sae, calibration } = await train({ ...base, variant: reluSae, constraint: constraintOf(pca) });
    expect(calibration?.l0).toBeCloseTo(3, 2);
    expect(useSae(sae, x).l0).toBeCloseTo(3, 2);
  });

  it("refuses an L0 that it cannot have", async () => {
    const options = { ...base, variant: topkSae, config: { l0: 13 }, constraint: constraintOf(pca) };
    await expect(train(options)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: baseline 'pca': needed a target L0 of at most its own 12 latents (dModel is 6), got 13; lower --l0 or leave pca out]`,
    );
    const narrow = { ...options, recipe: { ...base.recipe, dSae: 10 } };
    await expect(train(narrow)).rejects.toThrow("needed a target L0 of at most dSae = 10, got 13; lower --l0 or raise");
  });
});

describe("shuffled_decoder", () => {
  const recipe = { dSae, steps: 40, batch: 64, lr: 0.01, warmup: 5, l0Warmup: 10 };

  it.each([topkSae, batchTopkSae, jumpReluSae])(
    "$name: fires like the trained SAE, with its decoder rows in another order",
    async (variant) => {
      const { sae: original } = await train({ ...base, variant, recipe });
      const { sae } = await train({
        ...base,
        variant,
        recipe: { ...recipe, steps: 0 },
        constraint: constraintOf(shuffledDecoder),
        trained: original.weights,
      });
      const [before, after] = [useSae(original, x), useSae(sae, x)];
      expect(worstDifference(after.f, before.f)).toBeLessThan(1e-4);
      expect(explained(x, after.xHat, dModel)).toBeLessThan(explained(x, before.xHat, dModel) - 0.3);
      const rowsOf = (w: Float32Array) =>
        Array.from({ length: dSae }, (_, j) => w.slice(j * dModel, (j + 1) * dModel).join());
      expect(rowsOf(sae.weights.W_dec)).not.toEqual(rowsOf(original.weights.W_dec));
      expect(rowsOf(sae.weights.W_dec).sort()).toEqual(rowsOf(original.weights.W_dec).sort());
    },
  );

  it("another seed is another order", async () => {
    const { sae: original } = await train({ ...base, variant: topkSae });
    const shuffle = async (seed: number) => {
      const constraint = constraintOf(shuffledDecoder);
      return (
        await train({
          ...base,
          variant: topkSae,
          recipe: { ...base.recipe, seed },
          constraint,
          trained: original.weights,
        })
      ).sae.weights.W_dec;
    };
    expect(await shuffle(1)).toEqual(await shuffle(1));
    expect(await shuffle(1)).not.toEqual(await shuffle(2));
  });

  it("needs the trained SAE, of the same size", async () => {
    const options = { ...base, variant: topkSae, constraint: constraintOf(shuffledDecoder) };
    await expect(train(options)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: baseline 'shuffled_decoder': needed the trained SAE of the same variant, recipe and seed; train it first]`,
    );
    const { sae: other } = await train({ ...base, variant: topkSae, recipe: { ...base.recipe, dSae: 8 } });
    await expect(train({ ...options, trained: other.weights })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: shuffled_decoder: needed a trained SAE of 24 latents in 6 dimensions, got a decoder of 48 numbers; train it with the same dSae]`,
    );
  });
});
