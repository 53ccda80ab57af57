import { add, mul } from "@sae/core";
import { z } from "zod";
import { defineSae } from "../defineSae.js";
import { largestOfBatch } from "./batchtopk.js";
import { batchThreshold, l0Option, prefixReconstructions, reconstructionLoss, thresholdState } from "./shared.js";

/** BatchTopK codes whose first groups of latents must reconstruct on their own. */
export const matryoshkaSae = defineSae({
  name: "matryoshka",
  title: "Matryoshka",
  paper: "Bussmann et al. 2025, arXiv 2503.17547; on BatchTopK, group fractions of arXiv 2602.14111",
  config: z.strictObject({
    l0: l0Option,
    fractions: z
      .array(z.number().positive())
      .min(1)
      .default([0.5, 0.3, 0.2])
      .refine((list) => Math.abs(list.reduce((total, part) => total + part, 0) - 1) < 1e-6, "must add up to 1")
      .describe("share of the latents in each group; the last takes the remainder"),
  }),
  state: () => thresholdState,
  encode: largestOfBatch,
  loss: ({ x, p, codes, config }) => {
    const prefixes = prefixReconstructions(codes, p, config.fractions);
    const losses = prefixes.map((xHat) => reconstructionLoss(x, xHat));
    const mse = mul(
      losses.reduce((total, loss) => add(total, loss)),
      1 / losses.length,
    );
    return { xHat: prefixes[prefixes.length - 1], mse };
  },
  nextState: batchThreshold,
  auxiliary: true,
  inference: "threshold",
});
