import { compileTraining, drawRows, scheduleNames, stateTypes, type TrainSpec } from "@sae/autoencoders";
import { type Density, fillNormal, key } from "@sae/core";
import { describe, expect, test } from "vitest";
import { parseDevice, secondsOn } from "../costs/device.js";
import { type PerfShape, perfShapes } from "../perf/shapes.js";
import { trainConfig } from "./trainConfig.js";
import { stateBytes, stepFlops, trainCost } from "./trainCost.js";
import { trainSpec } from "./trainSpec.js";

const file = { kind: "file", sha256: "", order: "shuffled", seed: 0 } as const;
const configOf = (
  variant: string,
  {
    l0,
    baseline = "trained",
    ...recipe
  }: { l0: number; baseline?: string; dSae: number; steps: number; batch: number },
) =>
  trainConfig.parse({
    data: file,
    variant,
    variantConfig: { l0 },
    baseline,
    recipe: { l0Warmup: 0, aux: 0, ...recipe },
  });

function shapeOf(name: string): PerfShape {
  const found = perfShapes.find((shape) => shape.name === name);
  if (!found) throw new Error(name);
  return found;
}

/** Floating-point operations of the matrix products of one step that ran, as onnxruntime's profile has them. */
async function ranFlops(spec: TrainSpec, density: Density): Promise<number> {
  const { recipe, dModel, dSae } = spec;
  const scalars = spec.variant.state?.(spec.config) ?? {};
  const state = Object.fromEntries(
    Object.entries(stateTypes(spec)).map(([name, { shape }]) => {
      const zeros = new Float32Array((shape as number[]).reduce((product, dim) => product * dim, 1));
      if (name === "W_enc" || name === "W_dec") return [name, drawRows(0, { dModel, dSae })];
      // As after the first batch, in which nothing is known of the next threshold, and everything is searched twice.
      if (name === "state.hint") return [name, zeros];
      return [name, name.startsWith("state.") ? zeros.fill(scalars[name.slice(6)]) : zeros];
    }),
  );
  const program = await compileTraining(spec, density, { profile: true });
  await program.run({
    ...state,
    ...Object.fromEntries(Object.keys(spec.constraint.project ?? {}).map((name) => [`initial.${name}`, state[name]])),
    ...Object.fromEntries(scheduleNames.map((name) => [name, { data: Float32Array.of(1), shape: [1] }])),
    x: { data: fillNormal(key("cost"), new Float32Array(recipe.batch * dModel)), shape: [1, recipe.batch, dModel] },
    inverseScale: Float32Array.of(1),
  });
  const flops = (await program.profile()).reduce((total, op) => total + op.flops, 0);
  await program.dispose();
  return flops;
}

describe("products of a training step, against the shapes of those that ran", () => {
  const sizes = { l0: 4, dSae: 512, steps: 1, batch: 64 };
  const dModel = 32;

  test.each(["relu", "jumprelu"])("%s with codes laid out densely: five products of full size", async (variant) => {
    const spec = trainSpec(configOf(variant, sizes), dModel);
    const expected = stepFlops(spec, "dense");
    expect(expected).toBe(5 * 2 * 64 * 32 * 512);
    // The bias b_enc − b_dec W_enc and its gradients are products with one column.
    expect((await ranFlops(spec, "dense")) / expected).toBeCloseTo(1, 1);
  });

  test.each([
    ["frozen_decoder", 4],
    ["frozen_encoder", 4],
    ["soft_frozen_decoder", 5],
    ["random", 3],
  ])("as %s: %i of them", async (baseline, products) => {
    const spec = trainSpec(configOf("relu", { ...sizes, baseline }), dModel);
    expect(stepFlops(spec, "dense")).toBe(products * 2 * 64 * 32 * 512);
    expect((await ranFlops(spec, "dense")) / stepFlops(spec, "dense")).toBeCloseTo(1, 1);
  });

  test.each(["topk", "batchtopk"])("%s: encoding, and four products with the active latents", async (variant) => {
    const spec = trainSpec(configOf(variant, sizes), dModel);
    const encoding = 2 * 64 * 32 * 512;
    expect(stepFlops(spec, "sparse")).toBe(encoding + 4 * 2 * 64 * 32 * 4);
    // Sparse products are matrix products in part only, and filled up to groups of eight.
    const ran = await ranFlops(spec, "sparse");
    expect(ran).toBeGreaterThan(0.99 * encoding);
    expect(ran).toBeLessThan(1.2 * encoding);
  });
});

test("what is carried is parameters, two moments of what is trained, and counters", () => {
  const [dModel, dSae] = [8, 32];
  const bytes = (variant: string, baseline: string) =>
    stateBytes(trainSpec(configOf(variant, { l0: 2, dSae, steps: 1, batch: 4, baseline }), dModel));
  const all = 2 * dModel * dSae + dSae + dModel;
  expect(bytes("topk", "trained")).toEqual({ parameters: 4 * all, all: 4 * (3 * all + dSae) });
  expect(bytes("topk", "frozen_decoder").all).toBe(4 * (3 * all + dSae - 2 * dModel * dSae));
  expect(bytes("jumprelu", "trained").parameters).toBe(4 * (all + dSae));
});

test("nothing is stepped where nothing is learned, and a covariance is paid for", () => {
  const cost = (baseline: string, init?: "cov") => {
    const config = configOf("topk", { l0: 2, dSae: 64, steps: baseline === "pca" ? 0 : 100, batch: 32, baseline });
    return trainCost({ ...config, recipe: { ...config.recipe, init: init ?? "iso" } }, { dModel: 16, rows: 10_000 });
  };
  expect(cost("pca").scratchBytes).toBe(0);
  expect(cost("pca").diskBytes).toBeLessThan(cost("trained").diskBytes); // 32 latents
  expect(cost("frozen_decoder", "cov").flops - cost("frozen_decoder").flops).toBe(2 * 100_000 * 16 * 16);
});

/** Peak memory in MB, of 30 steps (docs/results/perf.md) and of 3 (docs/costs.md). */
const peaks = [
  { shape: "synthetic", variant: "topk", steps: 30, megabytes: 300 },
  { shape: "synthetic", variant: "relu", steps: 30, megabytes: 644 },
  { shape: "large", variant: "topk", steps: 3, megabytes: 4494 },
  { shape: "large", variant: "relu", steps: 3, megabytes: 3910 },
];

test.each(peaks)("memory of $variant at the shape $shape is within a third", ({ shape, variant, steps, megabytes }) => {
  const { dModel, dSae, l0, batch } = shapeOf(shape);
  const config = configOf(variant, { l0, dSae, steps, batch });
  const estimated = trainCost({ ...config, recipe: { ...config.recipe, l0Warmup: 2000 } }, { dModel, rows: 12_000 });
  expect(estimated.memoryBytes / 1e6 / megabytes).toBeGreaterThan(2 / 3);
  expect(estimated.memoryBytes / 1e6 / megabytes).toBeLessThan(4 / 3);
});

/** Steps recorded in docs/results/perf.md, AVX2: milliseconds of the encoder's product alone, and how many times as long a step took. */
const recorded = [
  { shape: "synthetic", gemmMs: 33.6, ratios: { topk: 2.84, batchtopk: 2.93 } },
  { shape: "large", gemmMs: 2251, ratios: { topk: 1.55, batchtopk: 1.38 } },
];

describe("time of steps, against recorded ones", () => {
  test.each(
    recorded.flatMap(({ shape, gemmMs, ratios }) =>
      Object.entries(ratios).map(([variant, ratio]) => ({ shape, variant, gemmMs, ratio })),
    ),
  )("$variant at the shape $shape is within a factor of two", ({ shape, variant, gemmMs, ratio }) => {
    const { dModel, dSae, l0, batch } = shapeOf(shape);
    const device = parseDevice(`${(2 * batch * dModel * dSae) / gemmMs / 1e6},8.4,16`);
    const ms = (steps: number) =>
      1000 * secondsOn(device, trainCost(configOf(variant, { l0, dSae, steps, batch }), { dModel, rows: 1e6 }));
    const estimated = (ms(1000) - ms(0)) / 1000;
    expect(estimated / (gemmMs * ratio)).toBeGreaterThan(0.5);
    expect(estimated / (gemmMs * ratio)).toBeLessThan(2);
  });
});
