import { generatorSource, train } from "@sae/autoencoders";
import { constantProbability, HELD_OUT, syntheticModel } from "@sae/synthetic";
import { z } from "zod";
import { findVariant } from "../jobs/findByName.js";
import { defineJob } from "../jobs/job.js";

/** Speed and memory of one training process. */
export interface PerfJobResult {
  /** After the first third of the steps, generation of the samples included. */
  readonly samplesPerSecond: number;
  /** Largest resident set of the process. */
  readonly peakBytes: number;
}

/** Trains for a short while on the study's synthetic activations, in a process of its own, and says how fast and with how much memory. */
export const perfJob = defineJob({
  kind: "perf",
  version: 1,
  config: z.object({ variant: z.string(), dSae: z.number(), l0: z.number(), batch: z.number(), steps: z.number() }),
  run: async ({ variant, dSae, l0, batch, steps }): Promise<PerfJobResult> => {
    const model = syntheticModel({ seed: 0, ...constantProbability });
    const heldOut = {
      batch: (index: number, size: number, out: Float32Array) => model.batch(HELD_OUT + index, size, out),
    };
    let from = { step: 0, at: 0 };
    let to = from;
    await train({
      variant: findVariant(variant),
      config: { l0 },
      recipe: { dSae, steps, batch },
      source: generatorSource(model, heldOut, {}),
      calibrationRows: batch,
      onProgress: ({ step }) => {
        to = { step, at: performance.now() };
        if (from.step === 0 && step >= steps / 3) from = to;
      },
    });
    return {
      samplesPerSecond: ((to.step - from.step) * batch * 1000) / (to.at - from.at),
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  },
});
