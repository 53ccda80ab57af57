import { describe, expect, it } from "vitest";
import type { Constraint } from "./constraint.js";
import type { AnySae } from "./defineSae.js";
import { gatedSae } from "./gatedSae.testkit.js";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import type { TrainOptions } from "./trainOptions.js";
import { jumpReluSae } from "./variants/jumprelu.js";
import { topkSae } from "./variants/topk.js";

const dModel = 4;
const source = await fileSource(arrayActivations(toyActivations({ rows: 64, dModel }), dModel));
const run = (
  constraint: Omit<Constraint, "name">,
  variant: AnySae = topkSae,
  config: TrainOptions["config"] = { l0: 2 },
) =>
  train({
    variant,
    config,
    recipe: { dSae: 8, steps: 2, batch: 16, scale: "none" },
    source,
    calibrationRows: 16,
    constraint: { name: "mine", ...constraint },
  });

describe("a constraint is refused", () => {
  it("with a name of a parameter that no variant has, wherever it stands", async () => {
    await expect(run({ frozen: ["W_decc"] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: baseline 'mine': frozen needed names of parameters (W_enc, b_enc, W_dec, b_dec, threshold), got 'W_decc', which 'topk' does not have; did you mean 'W_dec'?]`,
    );
    await expect(run({ frozen: { allBut: ["W_dec", "bias"] } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: baseline 'mine': frozen.allBut needed names of parameters (W_enc, b_enc, W_dec, b_dec, threshold), got 'bias', which 'topk' does not have; correct it, or leave 'topk' to other baselines]`,
    );
    await expect(run({ project: { W_Dec: ({ w }) => w } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: baseline 'mine': project needed names of parameters (W_enc, b_enc, W_dec, b_dec, threshold), got 'W_Dec', which 'topk' does not have; did you mean 'W_dec'?]`,
    );
    await expect(run({ start: ({ drawn }) => ({ W_encoder: drawn.W_enc }) })).rejects.toMatchObject({
      code: "bad_definition",
      message: expect.stringContaining("start needed names of parameters"),
    });
  });

  it("with one that only another variant outside of this package has: it cannot be told from a misspelt one", async () => {
    expect((await run({ frozen: ["r_mag"] }, gatedSae)).sae.weights.r_mag).toEqual(new Float32Array(8));
    await expect(run({ frozen: ["r_mag"] })).rejects.toMatchObject({ code: "bad_definition" });
  });
});

describe("a name that only another variant of this package has", () => {
  const kept: Constraint["project"] = { threshold: ({ initial }) => initial };

  it("is ignored by those that do not have it", async () => {
    const plain = await run({});
    expect((await run({ frozen: ["threshold"] })).sae).toEqual(plain.sae);
    expect((await run({ project: kept })).sae).toEqual(plain.sae);
  });

  it("and says what happens to it in the one that does", async () => {
    const thresholds = async (constraint: Omit<Constraint, "name">) =>
      (await run(constraint, jumpReluSae, { l0: 2, bandwidth: 1 })).sae.weights.threshold;
    const start = new Float32Array(8).fill(0.001);
    expect(await thresholds({})).not.toEqual(start);
    expect(await thresholds({ frozen: ["threshold"] })).toEqual(start);
    expect(await thresholds({ project: kept })).toEqual(start);
  });
});
