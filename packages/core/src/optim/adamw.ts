import { add, div, mul, sub } from "../ops/binary.js";
import { sqrt, square } from "../ops/unary.js";
import { type Operand, type Tensor, toTensor } from "../tensor.js";

/** First and second moment of one parameter's gradient, both of the parameter's shape. */
export interface Moments {
  readonly m: Tensor;
  readonly v: Tensor;
}

/** Rates of an AdamW step; numbers or scalar tensors. */
export interface AdamwOptions {
  /** Learning rate of this step, schedule included. */
  readonly lr: Operand;
  /** 1 / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ) of this step, t counted from 1: see `biasCorrections`. */
  readonly correction1: Operand;
  readonly correction2: Operand;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  /** Decoupled weight decay: the parameter shrinks by lr · weightDecay before the update. */
  readonly weightDecay?: number;
  /** What the gradient is multiplied by first, as `clipFactor` says; 1 when left out. */
  readonly scale?: Operand;
}

/**
 * One AdamW step of one parameter as a graph: Loshchilov and Hutter 2019 (arXiv 1711.05101), in the form of `torch.optim.AdamW`.
 */
export function adamw(
  parameter: Tensor,
  gradient: Tensor,
  moments: Moments,
  options: AdamwOptions,
): { parameter: Tensor } & Moments {
  const { lr, correction1, correction2, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0, scale = 1 } = options;
  // Scalars are gathered, so that the passes over the parameter are few.
  const m = add(mul(moments.m, beta1), mul(gradient, mul(scale, 1 - beta1)));
  const v = add(mul(moments.v, beta2), mul(square(gradient), mul(square(toTensor(scale)), 1 - beta2)));
  const decayed = weightDecay === 0 ? parameter : mul(parameter, sub(1, mul(lr, weightDecay)));
  // ĉ₁·m / (√(ĉ₂·v) + eps) = (ĉ₁ / √ĉ₂) · m / (√v + eps / √ĉ₂)
  const root = sqrt(toTensor(correction2));
  const update = div(m, add(sqrt(v), div(eps, root)));
  return { parameter: sub(decayed, mul(update, div(mul(lr, correction1), root))), m, v };
}

/** The two bias corrections of step `t` (the first step is 1), in double precision. */
export function biasCorrections(t: number, beta1 = 0.9, beta2 = 0.999): { correction1: number; correction2: number } {
  return { correction1: 1 / (1 - beta1 ** t), correction2: 1 / (1 - beta2 ** t) };
}
