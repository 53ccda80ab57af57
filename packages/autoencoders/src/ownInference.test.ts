import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillNormal, key, mul, preActivation, readSafetensors, reshape, slice, topk, withValues } from "@sae/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { defineSae, hasOwnInference } from "./defineSae.js";
import { compileSae, compileTrainingRule } from "./forward.js";
import { gatedSae } from "./gatedSae.testkit.js";
import { loadSae, type Sae, type SaeWeights, saveSae } from "./sae.js";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import type { TrainOptions } from "./trainOptions.js";
import { explained, useSae, worstDifference } from "./useSae.testkit.js";
import { l0Option, reconstruct, reconstructionLoss } from "./variants/shared.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-own-"));
});
afterEach(() => rm(folder, { recursive: true }));

const dModel = 8;
const rows = 512;
// Raw activations far from the scale of training, and not centred.
const x = toyActivations({ rows, dModel, offset: 1 }).map((value) => 30 * value);
const run: TrainOptions = {
  variant: gatedSae,
  config: { l0: 3, l1: 0.02 },
  recipe: { dSae: 24, steps: 400, batch: 64, lr: 5e-3, warmup: 5, l0Warmup: 20 },
  source: await fileSource(arrayActivations(x, dModel)),
};

/** The Gated SAE in plain loops and double precision. */
function plainGated({ dSae, weights }: Sae): Float64Array {
  const { W_enc, b_enc, W_dec, b_dec, r_mag, b_mag } = weights;
  const xHat = new Float64Array(rows * dModel);
  for (let r = 0; r < rows; r++) {
    xHat.set(b_dec, r * dModel);
    for (let j = 0; j < dSae; j++) {
      let projection = 0;
      for (let d = 0; d < dModel; d++) projection += (x[r * dModel + d] - b_dec[d]) * W_enc[d * dSae + j];
      if (projection + b_enc[j] <= 0) continue;
      const magnitude = Math.max(0, Math.exp(r_mag[j]) * projection + b_mag[j]);
      for (let d = 0; d < dModel; d++) xHat[r * dModel + d] += magnitude * W_dec[j * dModel + d];
    }
  }
  return xHat;
}

const reconstructions = async (sae: Sae, batch = rows): Promise<Float32Array> => {
  const forward = await compileSae(sae, batch);
  const { xHat } = await forward.run(x.subarray(0, batch * dModel));
  await forward.dispose();
  return xHat;
};

describe("a variant with an encoder of its own for use", () => {
  it("is trained, saved, loaded with the same object, and reconstructs as its definition and its training rule say", async () => {
    const { sae, spec, scalars, calibration } = await train({ ...run, out: folder });
    expect(calibration).toBeNull();
    const loaded = await loadSae(folder, [gatedSae]);
    expect(loaded).toEqual(sae);
    if (loaded.activation.kind !== "variant") throw new Error(loaded.activation.kind);
    expect(loaded.activation.variant).toBe(gatedSae);
    expect(loaded.activation.config).toEqual({ l0: 3, l1: 0.02 });

    const xHat = await reconstructions(loaded);
    expect(xHat).toEqual(await reconstructions(sae));
    const plain = plainGated(sae);
    expect(worstDifference(xHat, plain)).toBeLessThan(1e-3); // of activations around 30
    expect(explained(x, plain, dModel)).toBeGreaterThan(0.8);
    const training = await compileTrainingRule(
      { ...spec, recipe: { ...spec.recipe, batch: rows } },
      sae,
      scalars,
      "dense",
    );
    expect(worstDifference((await training.run(x)).xHat, plain)).toBeLessThan(1e-3);
    await training.dispose();

    // The same weights as a ReLU SAE are another function: the hook is what makes the difference.
    const asRelu = useSae({ ...sae, activation: { kind: "relu" } }, x).xHat;
    expect(worstDifference(asRelu, plain)).toBeGreaterThan(1);
  });

  it("works on one input at a time as on many", async () => {
    const { sae } = await train({ ...run, recipe: { ...run.recipe, steps: 20 } });
    const many = await reconstructions(sae);
    expect(worstDifference(await reconstructions(sae, 1), many.subarray(0, dModel))).toBeLessThan(1e-3);
  });

  it("shows itself in snapshots, and is replaced by a threshold where a baseline calibrates one", async () => {
    const kinds: string[] = [];
    const onSnapshot: TrainOptions["onSnapshot"] = ({ sae }) => void kinds.push(sae.activation.kind);
    const constraint = { name: "calibrated", frozen: "all", calibrate: true } as const;
    const recipe = { ...run.recipe, steps: 2 };
    const { sae, calibration } = await train({ ...run, recipe, constraint, snapshots: [1], onSnapshot });
    expect(kinds).toEqual(["variant"]);
    expect(sae.activation.kind).toBe("threshold");
    expect(calibration?.l0).toBeCloseTo(3, 1);
  });
});

/** Codes of the k largest, weighted by a matrix that only this variant has. */
const weightedSae = defineSae({
  name: "weighted",
  title: "Weighted",
  paper: "an example",
  config: z.strictObject({ l0: l0Option.int(), times: z.number().default(2) }),
  extraParams: () => ({ weight: { shape: [2, 3], initial: 1, scales: false } }),
  encode: ({ x, p, config }) => ({ codes: topk(preActivation(x, p), config.l0) }),
  loss: ({ x, p, codes }) => {
    const xHat = reconstruct(codes, p);
    return { xHat, mse: reconstructionLoss(x, xHat) };
  },
  auxiliary: false,
  inference: {
    encode: ({ x, p, config }) => {
      const codes = topk(preActivation(x, p), config.l0);
      const corner = reshape(slice(slice(p.weight, 0, 1, 2), 1, 2, 3), []); // weight[1, 2]
      return withValues(codes, mul(mul(codes.values, corner), config.times));
    },
  },
});
if (!hasOwnInference(weightedSae)) throw new Error("no inference");

const draw = (name: string, size: number) => fillNormal(key(name), new Float32Array(size));
const weighted: Sae = {
  dModel,
  dSae: 6,
  activation: { kind: "variant", variant: weightedSae, config: { l0: 2, times: 2 } },
  weights: {
    W_enc: draw("W_enc", dModel * 6),
    b_enc: draw("b_enc", 6),
    W_dec: draw("W_dec", 6 * dModel),
    b_dec: new Float32Array(dModel),
    weight: Float32Array.of(0, 1, 2, 3, 4, 5),
  },
};

describe("its folder", () => {
  const config = async () => JSON.parse(await readFile(join(folder, "cfg.json"), "utf8"));

  it("names the variant as the architecture, with its options, and keeps the shapes of its parameters", async () => {
    await saveSae(folder, weighted);
    expect(await config()).toMatchObject({ architecture: "weighted", variant_config: { l0: 2, times: 2 } });
    const { tensors } = await readSafetensors(join(folder, "sae_weights.safetensors"));
    expect(tensors.weight.shape).toEqual([2, 3]);
    expect(await loadSae(folder, [gatedSae, weightedSae])).toEqual(weighted);
  });

  it("and its parameters and options reach the encoder", async () => {
    const plain = { ...weighted, activation: { kind: "topk", k: 2 } } satisfies Sae;
    const tenfold = (await reconstructions(plain)).map((value) => 10 * value); // weight[1, 2] · times
    expect(worstDifference(await reconstructions(weighted), tenfold)).toBeLessThan(1e-3);
  });

  const refusal = () =>
    loadSae(folder, [weightedSae]).then(
      () => "",
      (error: Error) => error.message.replaceAll(folder, "sae"),
    );

  it("is refused without the variant, with options that it does not have, and without a parameter of it", async () => {
    await saveSae(folder, weighted);
    await expect(loadSae(folder)).rejects.toThrow("got 'weighted'");
    await writeFile(
      join(folder, "cfg.json"),
      JSON.stringify({ ...(await config()), variant_config: { l0: 2, time: 1 } }),
    );
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: variant_config of 'weighted' in sae: value: Unrecognized key: "time""`,
    );
    const { weight: _, ...others } = weighted.weights;
    await saveSae(folder, { ...weighted, weights: others as SaeWeights });
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: 'weight' needed 6 elements for d_in 8 and d_sae 6, got no such tensor in sae; do its cfg.json and weights belong together?"`,
    );
    await writeFile(join(folder, "cfg.json"), JSON.stringify({ ...(await config()), architecture: "other" }));
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: needed architecture standard, topk (with k), jumprelu (with a threshold tensor) or weighted, got 'other' in sae; a variant with an encoder of its own is read when loadSae is given it"`,
    );
  });
});

describe("its name", () => {
  it.each(["standard", "topk", "jumprelu"])("may not be %s, which SAELens would read as something else", (name) => {
    expect(() => defineSae({ ...gatedSae, name })).toThrow(
      `defineSae: needed a name that is not SAELens's for another function, got '${name}'`,
    );
  });
});
