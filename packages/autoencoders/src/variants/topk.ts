import { preActivation, topk } from "@sae/core";
import { z } from "zod";
import { defineSae } from "../defineSae.js";
import { l0Option, reconstruct, reconstructionLoss } from "./shared.js";

/** The k largest of ReLU(pre) of each input. */
export const topkSae = defineSae({
  name: "topk",
  title: "TopK",
  paper: "Gao et al. 2024, arXiv 2406.04093",
  config: z.strictObject({ l0: l0Option.int() }),
  encode: ({ x, p, config }) => ({ codes: topk(preActivation(x, p), config.l0) }),
  loss: ({ x, p, codes }) => {
    const xHat = reconstruct(codes, p);
    return { xHat, mse: reconstructionLoss(x, xHat) };
  },
  auxiliary: true,
  inference: "topk",
});
