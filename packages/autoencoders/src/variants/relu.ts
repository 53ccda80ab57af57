import {
  above,
  add,
  atLatents,
  div,
  exp,
  log,
  maximum,
  minimum,
  mul,
  preActivation,
  relu,
  rowDot,
  sqrt,
  sub,
  sum,
  withValues,
} from "@sae/core";
import { z } from "zod";
import { defineSae } from "../defineSae.js";
import { l0Option, reconstruct, reconstructionLoss, runningOr } from "./shared.js";

/** The coefficient moves by at most this much (in its logarithm) in a step. */
const largestMove = 0.02;

/**
 * ReLU SAE with an L1 penalty weighted by decoder norms. The coefficient is steered so that the running L0 meets the target, because the study
 * compares all architectures at equal L0; `l1` fixes it instead.
 */
export const reluSae = defineSae({
  name: "relu",
  title: "ReLU",
  paper: "Bricken et al. 2023; loss form of Anthropic's April 2024 update",
  config: z.strictObject({
    l0: l0Option,
    l1: z.number().nonnegative().optional().describe("fixed L1 coefficient; left out, it is steered to the target L0"),
    l1Start: z.number().positive().default(0.02).describe("L1 coefficient before the first step when it is steered"),
    gain: z.number().positive().default(0.004).describe("integral gain of the steering, per step"),
    damping: z.number().nonnegative().default(0.3).describe("proportional gain of the steering"),
  }),
  state: (config) => ({ l1: config.l1 ?? config.l1Start, logL0: Number.NaN }),
  encode: ({ x, p, density, config }) => {
    const codes = above(preActivation(x, p, density), undefined, config.l0);
    return { codes: withValues(codes, relu(codes.values)) };
  },
  loss: ({ x, p, codes, state, schedule, batch }) => {
    const xHat = reconstruct(codes, p);
    const norms = sqrt(rowDot(p.W_dec, p.W_dec)); // [dSae]
    const weighted = div(sum(mul(codes.values, atLatents(codes, norms))), batch);
    return {
      xHat,
      mse: reconstructionLoss(x, xHat),
      penalties: { l1: mul(mul(state.l1, schedule.sparsity), weighted) },
    };
  },
  nextState: ({ state, config, l0, schedule }) => {
    const now = log(maximum(l0, 1e-3));
    const before = runningOr(state.logL0, now);
    const logL0 = add(mul(before, 0.9), mul(now, 0.1));
    if (config.l1 !== undefined) return { l1: state.l1, logL0 };
    // Velocity form of a PI controller on log L0: multiplicative, so that one gain serves any scale of activations. It integrates no faster than
    // the penalty rises: what the warm-up holds back must not be made up for by the coefficient.
    const integral = mul(sub(logL0, Math.log(config.l0)), mul(schedule.sparsity, config.gain));
    const move = add(integral, mul(sub(logL0, before), config.damping));
    return { l1: mul(state.l1, exp(minimum(maximum(move, -largestMove), largestMove))), logL0 };
  },
  auxiliary: false,
  inference: "own",
});
