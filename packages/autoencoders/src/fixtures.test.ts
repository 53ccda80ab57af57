import { existsSync } from "node:fs";
import { join } from "node:path";
import { add, greaterOrEqual, mul, normalizeRows, readSafetensors, rowDot, sub, toFloat32, where } from "@sae/core";
import { describe, expect, it } from "vitest";
import { arrayActivations, type Constraint, fileSource, type SaeWeights, train, variants } from "./index.js";

/** Reference runs in float64, made outside this project. */
const shared = process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../shared");
const folder = join(shared, "fixtures/training");
const names = ["topk.trained", "batchtopk.soft_frozen_decoder", "jumprelu.trained", "matryoshka.frozen_encoder"];

/** The three constraints, spelled out here: this package does not know @sae/baselines. */
const constraints = (tau: number): Record<string, Constraint> => ({
  trained: { name: "trained" },
  frozen_decoder: { name: "frozen_decoder", frozen: ["W_dec"] },
  frozen_encoder: { name: "frozen_encoder", frozen: ["W_enc"] },
  soft_frozen_decoder: {
    name: "soft_frozen_decoder",
    project: {
      W_dec: ({ w, initial }) => {
        const c = rowDot(w, initial, true);
        const p = sub(w, mul(initial, c));
        const onCap = add(mul(initial, tau), mul(normalizeRows(p), Math.sqrt(1 - tau * tau)));
        return where(greaterOrEqual(c, tau), w, onCap);
      },
    },
  },
});

describe.skipIf(!existsSync(folder))(`training follows the float64 reference (skipped without ${folder})`, () => {
  it.each(names)("%s", async (name) => {
    const { tensors, metadata } = await readSafetensors(join(folder, `${name}.safetensors`));
    const array = (key: string) => toFloat32(tensors[key]);
    const config = JSON.parse(metadata.config);
    const variant = variants.find((candidate) => candidate.name === config.variant);
    if (!variant) throw new Error(config.variant);
    const initial = Object.fromEntries(
      Object.keys(tensors)
        .filter((key) => key.startsWith("init."))
        .map((key) => [key.slice(5), array(key)]),
    ) as SaeWeights;
    const result = await train({
      variant,
      config: {
        l0: config.k,
        ...(config.variant === "relu" && { l1: config.l1 }),
        ...(config.variant === "jumprelu" && {
          l0Weight: config.l0_weight,
          bandwidth: config.eps,
          theta0: config.theta0,
        }),
        ...(config.variant === "matryoshka" && { fractions: config.fractions }),
      },
      recipe: {
        dSae: config.F,
        steps: config.steps,
        batch: config.batch,
        lr: config.lr,
        warmup: 0,
        decay: 0,
        l0Warmup: 0,
        aux: 0,
        scale: "none",
        clip: config.clip,
      },
      constraint: constraints(config.tau)[config.baseline],
      source: await fileSource(arrayActivations(array("x"), config.d), { order: "sequential" }),
      initial,
      logEvery: 1,
    });
    const losses = tensors.losses.data as Float64Array;
    result.log.forEach((line, step) => {
      const [loss, mse, l0] = losses.subarray(step * 3, step * 3 + 3);
      expect(Math.abs(line.loss - loss) / Math.abs(loss)).toBeLessThan(1e-3);
      expect(Math.abs(line.mse - mse) / Math.abs(mse)).toBeLessThan(1e-3);
      expect(Math.abs(line.l0 - l0)).toBeLessThan(0.02 * l0);
    });
    for (const [key, expected] of Object.entries(tensors)) {
      if (!key.startsWith("final.")) continue;
      const got = result.sae.weights[key.slice(6)];
      const worst = toFloat32(expected).reduce((largest, value, i) => Math.max(largest, Math.abs(value - got[i])), 0);
      expect(worst, key).toBeLessThan(2e-3);
    }
  });
});
