import {
  above,
  abs,
  atLatents,
  cast,
  customGradient,
  div,
  greater,
  less,
  mul,
  neg,
  preActivation,
  square,
  sub,
  sum,
  sumTo,
  type Tensor,
  where,
  withValues,
} from "@sae/core";
import { z } from "zod";
import { defineSae } from "../defineSae.js";
import { l0Option, reconstruct, reconstructionLoss } from "./shared.js";

/** 1 where |pre − θ| < ε/2: the rectangle kernel, without its 1/ε. */
const nearThreshold = (pre: Tensor, threshold: Tensor, bandwidth: number): Tensor =>
  cast(less(abs(sub(pre, threshold)), bandwidth / 2), "float32");

/** pre·1[pre > θ]; ∂/∂pre = 1[pre > θ], ∂/∂θ = −(θ/ε)·1[|pre − θ| < ε/2]. */
const jumpRelu = (pre: Tensor, threshold: Tensor, bandwidth: number): Tensor =>
  customGradient(
    [pre, threshold],
    ([z, theta]) => where(greater(z, theta), z, 0),
    ({ inputs: [z, theta], dy }) => [
      where(greater(z, theta), dy, 0),
      sumTo(mul(dy, mul(neg(div(theta, bandwidth)), nearThreshold(z, theta, bandwidth))), theta),
    ],
  );

/** 1[pre > θ]; ∂/∂pre = 0, ∂/∂θ = −(1/ε)·1[|pre − θ| < ε/2]. */
const step = (pre: Tensor, threshold: Tensor, bandwidth: number): Tensor =>
  customGradient(
    [pre, threshold],
    ([z, theta]) => cast(greater(z, theta), "float32"),
    ({ inputs: [z, theta], dy }) => [
      null,
      sumTo(mul(mul(dy, -1 / bandwidth), nearThreshold(z, theta, bandwidth)), theta),
    ],
  );

/**
 * Learned thresholds with straight-through gradients, and a quadratic penalty that draws L0 to its target. Both halves of the kernel count, on
 * the pre-activation.
 */
export const jumpReluSae = defineSae({
  name: "jumprelu",
  title: "JumpReLU",
  paper: "Rajamanoharan et al. 2024, arXiv 2407.14435; target-L0 penalty of dictionary_learning",
  config: z.strictObject({
    l0: l0Option,
    l0Weight: z.number().nonnegative().default(1).describe("weight λ of (L0/target − 1)²"),
    bandwidth: z.number().positive().default(0.001).describe("width ε of the kernel around the threshold"),
    theta0: z.number().default(0.001).describe("threshold before the first step, on scaled activations"),
  }),
  extraParams: ({ dSae }, config) => ({ threshold: { shape: [dSae], initial: config.theta0, scales: true } }),
  encode: ({ x, p, config, density }) => {
    const near = above(preActivation(x, p, density), sub(p.threshold, config.bandwidth / 2), config.l0);
    return { near, codes: withValues(near, jumpRelu(near.values, atLatents(near, p.threshold), config.bandwidth)) };
  },
  loss: ({ x, p, codes, near = codes, config, schedule, batch }) => {
    const xHat = reconstruct(codes, p);
    const l0 = div(sum(step(near.values, atLatents(near, p.threshold), config.bandwidth)), batch);
    const penalty = mul(mul(square(sub(div(l0, config.l0), 1)), config.l0Weight), schedule.sparsity);
    return { xHat, mse: reconstructionLoss(x, xHat), penalties: { l0: penalty } };
  },
  auxiliary: false,
  inference: "own",
});
