import {
  type AnySae,
  arrayActivations,
  fileSource,
  type SaeWeights,
  type TrainOptions,
  type TrainResult,
  train,
  variants,
} from "@sae/autoencoders";
import { describe, expect, it } from "vitest";
import { gatedSae } from "../../autoencoders/src/gatedSae.testkit.js";
import { toyActivations } from "../../autoencoders/src/toyActivations.testkit.js";
import { baselines } from "./baselines.js";
import { type AnyBaseline, constraintOf } from "./defineBaseline.js";
import { softFrozenDecoder } from "./softFrozenDecoder.js";

const dModel = 8;
const dSae = 32;
const source = await fileSource(arrayActivations(toyActivations({ rows: 2048, dModel }), dModel));

const base: Omit<TrainOptions, "variant"> = {
  config: { l0: 3 },
  recipe: { dSae, steps: 60, batch: 64, lr: 0.01, warmup: 5, l0Warmup: 10, scale: "none" },
  source,
  calibrationRows: 64,
};

/** Weights before the first step of a run: those of a run without steps. */
const startOf = async (options: TrainOptions): Promise<SaeWeights> =>
  (await train({ ...options, recipe: { ...options.recipe, steps: 0 } })).sae.weights;

const startAndEnd = async (
  variant: AnySae,
  baseline: AnyBaseline,
): Promise<{ start: SaeWeights; end: TrainResult }> => {
  const trained = baseline.needs === "trained" ? (await train({ ...base, variant })).sae.weights : undefined;
  const options = { ...base, variant, constraint: constraintOf(baseline), trained };
  return { start: await startOf(options), end: await train(options) };
};

/** Cosine of each row of W_dec with where it started, and its norm. */
const drift = ({ sae, initialDecoder }: TrainResult) =>
  Array.from({ length: sae.dSae }, (_, j) => {
    const [now, then] = [sae.weights.W_dec, initialDecoder].map((w) => w.subarray(j * dModel, (j + 1) * dModel));
    return { cosine: now.reduce((total, value, d) => total + value * then[d], 0), norm: Math.hypot(...now) };
  });

const drawn = baselines.filter(({ needs, width }) => !needs && !width);

describe.each([...variants, gatedSae])("$name", (variant) => {
  it.each(drawn)("as $name keeps what is frozen, to the bit, and trains the rest", async (baseline) => {
    const { start, end } = await startAndEnd(variant, baseline);
    const isFrozen = (name: string): boolean => {
      const { frozen = [] } = baseline;
      if (frozen === "all") return true;
      return "allBut" in frozen ? !frozen.allBut.includes(name) : frozen.includes(name);
    };
    // A calibrated threshold is chosen after training: not a parameter.
    const parameters = Object.keys(start).filter(
      (name) => name !== "threshold" || (variant.name === "jumprelu" && !baseline.calibrate),
    );
    for (const name of parameters) {
      if (isFrozen(name)) expect(end.sae.weights[name], name).toEqual(start[name]);
      else expect(end.sae.weights[name], name).not.toEqual(start[name]);
    }
  });

  it("as soft_frozen_decoder stays in the cap, on its edge where it wants to leave", async () => {
    const tau = 0.98;
    const end = await train({ ...base, variant, constraint: constraintOf(softFrozenDecoder, { tau }) });
    const rows = drift(end);
    for (const { cosine, norm } of rows) {
      expect(cosine).toBeGreaterThan(tau - 1e-6);
      expect(Math.abs(norm - 1)).toBeLessThan(1e-6);
    }
    expect(rows.some(({ cosine }) => cosine < tau + 1e-6)).toBe(true);
  });

  it("as trained leaves that cap", async () => {
    const end = await train({ ...base, variant });
    expect(drift(end).some(({ cosine }) => cosine < 0.98 - 1e-3)).toBe(true);
  });
});
