import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillNormal, fold, key, readSafetensors, writeSafetensors } from "@sae/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compileSae } from "./forward.js";
import { type Activation, loadSae, type Sae, type SaeWeights, saveSae } from "./sae.js";
import { useSae, worstDifference } from "./useSae.testkit.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-folder-"));
});
afterEach(() => rm(folder, { recursive: true }));

const dModel = 4;
const dSae = 12;
const draw = (name: string, size: number) => fillNormal(fold(key(1), name), new Float32Array(size));
const weights: SaeWeights = {
  W_enc: draw("W_enc", dModel * dSae),
  b_enc: draw("b_enc", dSae),
  W_dec: draw("W_dec", dSae * dModel),
  b_dec: draw("b_dec", dModel),
};
const x = draw("x", 20 * dModel);
const activations: Activation[] = [{ kind: "relu" }, { kind: "topk", k: 3 }, { kind: "threshold" }];
const saeOf = (activation: Activation): Sae => ({
  dModel,
  dSae,
  activation,
  weights: activation.kind === "threshold" ? { ...weights, threshold: draw("threshold", dSae) } : weights,
});

const configOf = async () => JSON.parse(await readFile(join(folder, "cfg.json"), "utf8"));

describe("a SAELens folder", () => {
  it.each(activations)("$kind comes back as it was", async (activation) => {
    await saveSae(folder, saeOf(activation));
    expect(await loadSae(folder)).toEqual(saeOf(activation));
  });

  it("has the keys that SAELens 6 reads, and its names of architectures", async () => {
    await saveSae(folder, saeOf({ kind: "topk", k: 3 }), { model_name: "gpt2", hook_name: "blocks.4.hook_resid_post" });
    expect(await configOf()).toEqual({
      architecture: "topk",
      k: 3,
      rescale_acts_by_decoder_norm: false,
      d_in: 4,
      d_sae: 12,
      dtype: "float32",
      device: "cpu",
      apply_b_dec_to_input: true,
      normalize_activations: "none",
      reshape_activations: "none",
      metadata: { model_name: "gpt2", hook_name: "blocks.4.hook_resid_post" },
    });
    await saveSae(folder, saeOf({ kind: "threshold" }));
    expect(await configOf()).toMatchObject({ architecture: "jumprelu", metadata: {} });
    await saveSae(folder, saeOf({ kind: "relu" }));
    const { architecture, k } = await configOf();
    expect([architecture, k]).toEqual(["standard", undefined]);
  });

  it("has the shapes that SAELens reads", async () => {
    await saveSae(folder, saeOf({ kind: "threshold" }));
    const { tensors } = await readSafetensors(join(folder, "sae_weights.safetensors"));
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))).toEqual({
      W_enc: [4, 12],
      b_enc: [12],
      W_dec: [12, 4],
      b_dec: [4],
      threshold: [12],
    });
  });
});

describe("an SAE from elsewhere", () => {
  const write = async (config: Record<string, unknown>) => {
    await saveSae(folder, saeOf({ kind: "topk", k: 3 }));
    await writeFile(join(folder, "cfg.json"), JSON.stringify({ ...(await configOf()), ...config }));
  };

  const replaceTensors = async (replaced: Parameters<typeof writeSafetensors>[1]) => {
    const path = join(folder, "sae_weights.safetensors");
    const { tensors } = await readSafetensors(path);
    await writeSafetensors(path, { ...tensors, ...replaced });
  };

  it("whose encoder does not subtract b_dec gives the same activations", async () => {
    await write({ apply_b_dec_to_input: false });
    const centred = { ...weights, b_dec: new Float32Array(dModel) };
    const expected = useSae({ dModel, dSae, activation: { kind: "topk", k: 3 }, weights: centred }, x);
    const loaded = useSae(await loadSae(folder), x);
    expect(worstDifference(loaded.f, expected.f)).toBeLessThan(1e-5);
    const bias = expected.xHat.map((value, i) => value + weights.b_dec[i % dModel]);
    expect(worstDifference(loaded.xHat, bias)).toBeLessThan(1e-5);
  });

  it("that chooses by activation times decoder norm gives unit decoder rows and the same reconstructions", async () => {
    const norms = Array.from({ length: dSae }, (_, j) =>
      Math.hypot(...weights.W_dec.subarray(j * dModel, (j + 1) * dModel)),
    );
    await write({ rescale_acts_by_decoder_norm: true });
    const sae = await loadSae(folder);
    // Without selection the scale cancels.
    const all: Activation = { kind: "relu" };
    const [got, expected] = [useSae({ ...sae, activation: all }, x), useSae(saeOf(all), x)];
    expect(worstDifference(got.xHat, expected.xHat)).toBeLessThan(1e-4);
    expect(
      worstDifference(
        got.f,
        expected.f.map((value, i) => value * norms[i % dSae]),
      ),
    ).toBeLessThan(1e-4);
    for (let j = 0; j < dSae; j++)
      expect(Math.hypot(...sae.weights.W_dec.subarray(j * dModel, (j + 1) * dModel))).toBeCloseTo(1, 5);
  });

  it("with a decoder row of zeros keeps it, and that latent never takes the place of another", async () => {
    const silent = 5;
    const W_dec = weights.W_dec.map((value, i) => (Math.floor(i / dModel) === silent ? 0 : value));
    const b_enc = weights.b_enc.map((value, j) => (j === silent ? 1e3 : value)); // the largest of every input
    await write({ rescale_acts_by_decoder_norm: true });
    await replaceTensors({
      W_dec: { dtype: "float32", shape: [dSae, dModel], data: W_dec },
      b_enc: { dtype: "float32", shape: [dSae], data: b_enc },
    });
    const sae = await loadSae(folder);
    expect(sae.weights.W_dec.subarray(silent * dModel, (silent + 1) * dModel)).toEqual(new Float32Array(dModel));
    const forward = await compileSae(sae, 20);
    const { xHat, fired } = await forward.run(x);
    await forward.dispose();
    expect(fired[silent]).toBe(0);
    expect(worstDifference(xHat, useSae(sae, x).xHat)).toBeLessThan(1e-4); // no number is NaN
  });

  it("with float16 weights is read as float32", async () => {
    await write({});
    await replaceTensors({
      b_dec: { dtype: "float16", shape: [4], data: Uint16Array.of(0x3c00, 0, 0x4000, 0xbc00) },
    });
    expect((await loadSae(folder)).weights.b_dec).toEqual(Float32Array.of(1, 0, 2, -1));
  });

  const refusal = async () =>
    loadSae(folder).then(
      () => "no error",
      (error: Error) => error.message.replaceAll(folder, "sae"),
    );

  it("that cannot be used is refused", async () => {
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: needed sae/cfg.json, a SAELens configuration; name the folder that holds it"`,
    );
    await write({ architecture: "gated" });
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: needed architecture standard, topk (with k) or jumprelu (with a threshold tensor), got 'gated' in sae; a variant with an encoder of its own is read when loadSae is given it"`,
    );
    await write({ architecture: "jumprelu" });
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: needed architecture standard, topk (with k) or jumprelu (with a threshold tensor), got 'jumprelu' in sae; a variant with an encoder of its own is read when loadSae is given it"`,
    );
    await write({ normalize_activations: "layer_norm" });
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: needed normalize_activations none, got 'layer_norm' in sae; fold the scale into the weights with SAELens and save again"`,
    );
    await write({ d_in: 5 });
    expect(await refusal()).toMatchInlineSnapshot(
      `"loadSae: 'W_enc' needed 60 elements for d_in 5 and d_sae 12, got 48 in sae; do its cfg.json and weights belong together?"`,
    );
    await writeFile(join(folder, "cfg.json"), '{"architecture":');
    expect(await refusal()).toMatchInlineSnapshot(`"loadSae: sae/cfg.json is not JSON; was it cut short?"`);
  });
});

describe("compileSae", () => {
  it.each(activations)("$kind: reconstructions and firing counts as plain loops give them", async (activation) => {
    const sae = saeOf(activation);
    const forward = await compileSae(sae, 20);
    const { xHat, fired } = await forward.run(x);
    await forward.dispose();
    const expected = useSae(sae, x);
    expect(worstDifference(xHat, expected.xHat)).toBeLessThan(1e-4);
    const counts = Array.from(
      { length: dSae },
      (_, j) => expected.f.filter((value, i) => i % dSae === j && value > 0).length,
    );
    expect(Array.from(fired)).toEqual(counts);
  });
});
