import { SaeError } from "@sae/core";

/** An upper bound on a probability that may be far below the smallest double. */
export interface CapBound {
  /** Natural logarithm of the bound. */
  readonly ln: number;
  /** Decimal logarithm of the bound. */
  readonly log10: number;
  /** The bound itself: above 1 where it says nothing; 0 below about 5e-324, and below 2.2e-308 once a session of onnxruntime has switched subnormal numbers off. */
  readonly value: number;
}

/**
 * Bound on the probability that a given direction lies within cosine `tau` of at least one of `caps` random directions:
 * caps · exp(−dModel·τ²/2). With one cap per decoder row it tells how unlikely a soft-frozen decoder is to reach a feature.
 *
 * `dModel`: dimension of the space, n
 * `caps`: number of random directions, m
 * `tau`: cosine in [0, 1]
 * @throws SaeError `invalid_argument` outside these ranges
 * Source: arXiv 2602.14111, appendix D.
 */
export function capBound({ dModel, caps, tau }: { dModel: number; caps: number; tau: number }): CapBound {
  if (!(dModel >= 1) || !(caps >= 1) || !(tau >= 0 && tau <= 1)) {
    throw new SaeError(
      "invalid_argument",
      `capBound: needed dModel ≥ 1, caps ≥ 1 and tau in [0, 1], got ${dModel}, ${caps} and ${tau}`,
    );
  }
  const ln = Math.log(caps) - (dModel * tau * tau) / 2;
  return { ln, log10: ln / Math.LN10, value: Math.exp(ln) };
}

/**
 * A positive number given by its decimal logarithm, as text: `formatPowerOfTen(-315.329)` is `"4.69e-316"`, at any size.
 *
 * @param digits - significant digits
 */
export function formatPowerOfTen(log10: number, digits = 3): string {
  const exponent = Math.floor(log10);
  const mantissa = (10 ** (log10 - exponent)).toFixed(digits - 1);
  // 9.999 rounds to 10.00, which belongs to the next power.
  return mantissa.startsWith("10") ? formatPowerOfTen(exponent + 1, digits) : `${mantissa}e${exponent}`;
}
