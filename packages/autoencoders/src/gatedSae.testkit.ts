import {
  above,
  add,
  atLatents,
  type Codes,
  type Density,
  div,
  exp,
  greater,
  mul,
  preActivation,
  relu,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
  withValues,
} from "@sae/core";
import { z } from "zod";
import { defineSae, type SaeParams } from "./defineSae.js";
import { l0Option, reconstruct, reconstructionLoss } from "./variants/shared.js";

/** Where π = (x − b_dec) W_enc + b_enc is positive: π, and the magnitude exp(r_mag)·(π − b_enc) + b_mag. */
function gatesOf(x: Tensor, p: SaeParams, density?: Density): { gates: Codes; magnitude: Tensor } {
  const gates = above(preActivation(x, p, density));
  const magnitude = add(
    mul(exp(atLatents(gates, p.r_mag)), sub(gates.values, atLatents(gates, p.b_enc))),
    atLatents(gates, p.b_mag),
  );
  return { gates, magnitude };
}

/**
 * A variant that this repository does not have, with parameters of its own: a Gated SAE. A latent whose gate π = (x − b_dec) W_enc + b_enc is
 * positive has the magnitude ReLU(exp(r_mag)·(π − b_enc) + b_mag). That is not ReLU(pre) of some latents, so it brings its encoder for use.
 */
export const gatedSae = defineSae({
  name: "gated_example",
  title: "Gated",
  paper: "Rajamanoharan et al. 2024, arXiv 2404.16014",
  config: z.object({ l0: l0Option, l1: z.number().nonnegative().default(0.05) }),
  extraParams: ({ dSae }) => ({
    r_mag: { shape: [dSae], initial: 0, scales: false },
    b_mag: { shape: [dSae], initial: 0, scales: true },
  }),
  encode: ({ x, p, density }) => {
    const { gates, magnitude } = gatesOf(x, p, density);
    const open = relu(gates.values);
    // 1 where the gate is open: listed gates are, laid-out ones may not be.
    const isOpen = stopGradient(div(open, add(open, 1e-20)));
    return { codes: withValues(gates, mul(relu(magnitude), isOpen)), near: withValues(gates, open) };
  },
  loss: ({ x, p, codes, near = codes, config, schedule, batch }) => {
    const xHat = reconstruct(codes, p);
    const fixed = { ...p, W_dec: stopGradient(p.W_dec), b_dec: stopGradient(p.b_dec) };
    return {
      xHat,
      mse: reconstructionLoss(x, xHat),
      penalties: {
        l1: mul(div(sum(near.values), batch), mul(schedule.sparsity, config.l1)),
        gates: reconstructionLoss(x, reconstruct(near, fixed)),
      },
    };
  },
  auxiliary: false,
  inference: {
    encode: ({ x, p }) => {
      const { gates, magnitude } = gatesOf(x, p);
      return withValues(gates, where(greater(gates.values, 0), relu(magnitude), 0));
    },
  },
});
