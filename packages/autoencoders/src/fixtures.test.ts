import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { add, greaterOrEqual, mul, normalizeRows, readSafetensors, rowDot, sub, toFloat32, where } from "@sae/core";
import { describe, expect, it } from "vitest";
import { rowsOf } from "./againstReference.testkit.js";
import type { Constraint } from "./constraint.js";
import { referenceTrain, toRows } from "./referenceTrainer.testkit.js";
import type { SaeWeights } from "./sae.js";
import { arrayActivations, fileSource } from "./source.js";
import { train } from "./train.js";
import { worstDifference } from "./useSae.testkit.js";
import { variants } from "./variants/index.js";

/** Runs in float64, made outside this project. */
const shared = process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../shared");
const folder = join(shared, "fixtures/training");
const names = existsSync(folder)
  ? readdirSync(folder)
      .sort()
      .map((file) => file.replace(".safetensors", ""))
  : [];

/** The paper's constraints, spelled out here: this package does not know @sae/baselines. */
const constraints = (tau: number): Record<string, Constraint> => ({
  trained: { name: "trained" },
  frozen_decoder: { name: "frozen_decoder", frozen: ["W_dec"] },
  frozen_encoder: { name: "frozen_encoder", frozen: ["W_enc"] },
  soft_frozen_decoder: {
    name: "soft_frozen_decoder",
    config: { tau },
    project: {
      W_dec: ({ w, initial }) => {
        const c = rowDot(w, initial, true);
        const p = normalizeRows(sub(w, mul(initial, c)));
        return where(greaterOrEqual(c, tau), w, add(mul(initial, tau), mul(p, Math.sqrt(1 - tau * tau))));
      },
    },
  },
});

async function readFixture(name: string) {
  const { tensors, metadata } = await readSafetensors(join(folder, `${name}.safetensors`));
  const stored = JSON.parse(metadata.config);
  const variant = variants.find((candidate) => candidate.name === stored.variant);
  if (!variant) throw new Error(stored.variant);
  const named = (prefix: string) =>
    Object.entries(tensors).flatMap(([key, tensor]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), tensor] as const] : [],
    );
  return {
    variant,
    stored,
    config: variant.config.parse({
      l0: stored.k,
      ...(variant.name === "relu" && { l1: stored.l1 }),
      ...(variant.name === "jumprelu" && { l0Weight: stored.l0_weight, bandwidth: stored.eps, theta0: stored.theta0 }),
      ...(variant.name === "matryoshka" && { fractions: stored.fractions }),
    }),
    recipe: {
      dSae: stored.F as number,
      steps: stored.steps as number,
      batch: stored.batch as number,
      lr: stored.lr as number,
      warmup: 0,
      decay: 0,
      l0Warmup: 0,
      aux: 0,
      scale: "none" as const,
      clip: stored.clip as number,
    },
    constraint: constraints(stored.tau)[stored.baseline],
    x: tensors.x,
    initial: named("init."),
    final: named("final."),
    losses: toRows(tensors.losses.data as Float64Array, 3),
  };
}

describe.skipIf(!existsSync(folder))(`training follows the float64 runs (skipped without ${folder})`, () => {
  it.each(names)("%s: this package", async (name) => {
    const { variant, config, recipe, constraint, x, initial, final, losses, stored } = await readFixture(name);
    const { log, sae } = await train({
      variant,
      config,
      recipe,
      constraint,
      source: await fileSource(arrayActivations(toFloat32(x), stored.d), { order: "sequential" }),
      initial: Object.fromEntries(initial.map(([key, tensor]) => [key, toFloat32(tensor)])),
      logEvery: 1,
    });
    for (const [step, [loss, mse, l0]] of losses.entries()) {
      expect(Math.abs(log[step].loss / loss - 1)).toBeLessThan(1e-5);
      expect(Math.abs(log[step].mse / mse - 1)).toBeLessThan(1e-5);
      expect(Math.abs(log[step].l0 - l0)).toBeLessThan(1e-3 * l0);
    }
    for (const [key, tensor] of final) {
      expect(worstDifference(sae.weights[key], toFloat32(tensor)), key).toBeLessThan(1e-5);
    }
  });

  it.each(names)("%s: the plain loops that other tests compare with", async (name) => {
    const { variant, config, recipe, constraint, x, initial, final, losses, stored } = await readFixture(name);
    const { log, weights } = referenceTrain({
      variant: variant.name,
      baseline: constraint.name,
      config: { ...config, ...constraint.config },
      recipe: { ...recipe, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 },
      x: toRows(toFloat32(x), stored.d),
      initial: rowsOf(Object.fromEntries(initial.map(([key, tensor]) => [key, toFloat32(tensor)])) as SaeWeights),
    });
    for (const [step, [loss]] of losses.entries()) expect(Math.abs(log[step].loss / loss - 1)).toBeLessThan(1e-9);
    for (const [key, tensor] of final) {
      expect(worstDifference(weights[key].flat(), tensor.data as Float32Array), key).toBeLessThan(1e-7);
    }
  });
});
