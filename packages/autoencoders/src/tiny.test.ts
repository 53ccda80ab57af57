/* A tour of the package: data in, SAE out, and what can be done with it. Read from top to bottom. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { arrayActivations, batchTopkSae, compileSae, fileSource, loadSae, train, variants } from "./index.js";
import { toyActivations } from "./toyActivations.testkit.js";

const dModel = 10;
// 5000 inputs, each a sum of about three of thirty directions
const x = toyActivations({ rows: 5000, dModel });

test("activations come from an array, a file or a generator, in numbered batches", async () => {
  const source = await fileSource(arrayActivations(x, dModel), { seed: 0 });
  const batch = new Float32Array(4 * dModel);
  await source.trainBatch(123, batch);
  const again = new Float32Array(4 * dModel);
  await source.trainBatch(123, again);
  expect(again).toEqual(batch);
});

test("an SAE is trained, saved, loaded and used on raw activations", async () => {
  const out = await mkdtemp(join(tmpdir(), "sae-"));
  const source = await fileSource(arrayActivations(x, dModel));
  const { log, calibration } = await train({
    variant: batchTopkSae,
    config: { l0: 3 },
    recipe: { dSae: 30, steps: 1000, batch: 64, lr: 5e-3, warmup: 50 },
    source,
    out,
  });
  expect(log[0].explainedVariance).toBeLessThan(0.3);
  expect(log[log.length - 1].explainedVariance).toBeGreaterThan(0.8);
  expect(calibration?.l0).toBeCloseTo(3, 1); // on activations that were kept back

  const sae = await loadSae(out); // SAELens reads the same folder
  expect(sae.activation.kind).toBe("threshold");
  const forward = await compileSae(sae, 1000);
  const { xHat, fired } = await forward.run(x.subarray(0, 1000 * dModel));
  await forward.dispose();
  expect(xHat.length).toBe(1000 * dModel);
  const l0 = fired.reduce((total, count) => total + count, 0) / 1000;
  expect(l0).toBeGreaterThan(2.5);
  expect(l0).toBeLessThan(3.5);
  await rm(out, { recursive: true });
});

test("a constraint makes it a baseline: here the decoder keeps its random directions", async () => {
  const { sae, initialDecoder } = await train({
    variant: batchTopkSae,
    config: { l0: 3 },
    recipe: { dSae: 30, steps: 100, batch: 64 },
    source: await fileSource(arrayActivations(x, dModel)),
    constraint: { name: "frozen", frozen: ["W_dec"] },
  });
  expect(sae.weights.W_dec).toEqual(initialDecoder);
});

test("there are five architectures, and each names its options", () => {
  expect(variants.map(({ name }) => name)).toEqual(["relu", "topk", "batchtopk", "jumprelu", "matryoshka"]);
  expect(variants.map(({ config }) => Object.keys(config.parse({ l0: 20 })))).toEqual([
    ["l0", "l1Start", "gain", "damping"],
    ["l0"],
    ["l0"],
    ["l0", "l0Weight", "bandwidth", "theta0"],
    ["l0", "fractions"],
  ]);
});
