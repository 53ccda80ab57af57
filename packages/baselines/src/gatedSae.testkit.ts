import { defineSae, l0Option, reconstruct, reconstructionLoss } from "@sae/autoencoders";
import {
  above,
  add,
  atLatents,
  div,
  exp,
  mul,
  preActivation,
  relu,
  stopGradient,
  sub,
  sum,
  withValues,
} from "@sae/core";
import { z } from "zod";

/**
 * A variant that this repository does not have, with parameters of its own: a Gated SAE. A latent whose gate π = (x − b_dec) W_enc + b_enc is
 * positive has the magnitude ReLU(exp(r_mag)·(π − b_enc) + b_mag).
 */
export const gatedSae = defineSae({
  name: "gated",
  title: "Gated",
  paper: "Rajamanoharan et al. 2024, arXiv 2404.16014",
  config: z.object({ l0: l0Option, l1: z.number().nonnegative().default(0.05) }),
  extraParams: ({ dSae }) => ({
    r_mag: { shape: [dSae], initial: 0, scales: false },
    b_mag: { shape: [dSae], initial: 0, scales: true },
  }),
  encode: ({ x, p, density }) => {
    const gates = above(preActivation(x, p, density));
    const open = relu(gates.values);
    const magnitude = add(
      mul(exp(atLatents(gates, p.r_mag)), sub(gates.values, atLatents(gates, p.b_enc))),
      atLatents(gates, p.b_mag),
    );
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
  inference: "own",
});
