import { largestInBatch, preActivation } from "@sae/core";
import { z } from "zod";
import { defineSae, type EncodeArguments, type Encoded } from "../defineSae.js";
import { batchThreshold, l0Option, reconstruct, reconstructionLoss, thresholdState } from "./shared.js";

/** The l0 · batch largest of ReLU(pre) of the whole batch. */
export const largestOfBatch = ({ x, p, state, config, batch }: EncodeArguments<{ l0: number }>): Encoded => ({
  codes: largestInBatch(preActivation(x, p), Math.floor(config.l0 * batch), state.hint),
});

/** As many active latents per batch as TopK, shared out among its inputs; one threshold at inference. */
export const batchTopkSae = defineSae({
  name: "batchtopk",
  title: "BatchTopK",
  paper: "Bussmann, Leask and Nanda 2024, arXiv 2412.06410",
  config: z.strictObject({ l0: l0Option }),
  state: () => thresholdState,
  encode: largestOfBatch,
  loss: ({ x, p, codes }) => {
    const xHat = reconstruct(codes, p);
    return { xHat, mse: reconstructionLoss(x, xHat) };
  },
  nextState: batchThreshold,
  auxiliary: true,
  inference: "threshold",
});
