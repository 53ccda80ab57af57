import { describe, expect, it } from "vitest";
import { gatedSae } from "./gatedSae.testkit.js";
import { arrayActivations, fileSource, generatorSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import type { TrainOptions } from "./trainOptions.js";
import { variants } from "./variants/index.js";

const dModel = 8;
const x = toyActivations({ rows: 2048, dModel });
const source = await fileSource(arrayActivations(x, dModel));

describe.each([...variants, gatedSae])("training of $name that comes to numbers that are none", (variant) => {
  const run = ({ recipe, ...options }: Partial<TrainOptions>) =>
    train({
      variant,
      config: { l0: 3 },
      recipe: { dSae: 32, steps: 60, batch: 64, warmup: 0, scale: "none", ...recipe },
      source,
      calibrationRows: 64,
      ...options,
    });
  const diverged = { code: "diverged", message: expect.stringMatching(/^training diverged: .*; lower --lr or check/) };

  it("says so: a learning rate that is far too large, also with dead latents in two threads", async () => {
    const recipe = { dSae: 512, steps: 60, lr: 1e9, clip: 1e9 };
    await expect(run({ recipe })).rejects.toMatchObject(diverged);
    const compile = { threads: 2 };
    await expect(run({ recipe: { ...recipe, deadTokens: 1 }, compile })).rejects.toMatchObject(diverged);
  });

  it("says so: activations whose squares are too large", async () => {
    const large = x.map((value) => 1e30 * value);
    const source = await fileSource(arrayActivations(large, dModel));
    await expect(run({ source })).rejects.toMatchObject(diverged);
  });

  it("says so: a batch with NaN, first or later", async () => {
    for (const first of [0, 3]) {
      const batch = (index: number, _size: number, out: Float32Array) => {
        out.set(x.subarray(0, out.length));
        if (index >= first) out[5] = Number.NaN;
      };
      const source = generatorSource({ dModel, batch }, { batch }, {});
      await expect(run({ source })).rejects.toMatchObject({
        code: "diverged",
        message: expect.stringContaining(`the loss of step ${first} is NaN`),
      });
    }
  });

  it("says so: a last step whose result is in no loss", async () => {
    await expect(run({ recipe: { dSae: 32, steps: 1, lr: 3e38, clip: 1e9 } })).rejects.toMatchObject({
      code: "diverged",
      message: expect.stringContaining("after the last step a value of W_enc is "),
    });
  });

  it("does not begin with such starting weights", async () => {
    const initial = { b_enc: new Float32Array(32).fill(Number.NaN, 7, 8) };
    await expect(run({ initial })).rejects.toMatchObject({
      code: "non_finite",
      message: "initial 'b_enc': needed finite numbers, got NaN at element 7; give other starting weights",
    });
  });
});
