import { SaeError } from "@sae/core";

/** Lanczos coefficients for g = 7. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = lanczos[0];
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i] / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Natural logarithm of the regularised incomplete beta function I_x(a, b), so that tails far below the smallest double keep
 * their value.
 *
 * @param x - in [0, 1]; at 0 the result is −∞
 * @param a - positive
 * @param b - positive
 * @param y - 1 − x, for callers that know it to more digits than the subtraction keeps
 */
export function logRegularizedBeta(x: number, a: number, b: number, y = 1 - x): number {
  if (!(x >= 0 && x <= 1) || !(a > 0) || !(b > 0)) {
    throw new SaeError(
      "invalid_argument",
      `logRegularizedBeta: needed x in [0, 1] and positive a and b, got ${x}, ${a} and ${b}`,
    );
  }
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (y === 0) return 0;
  // The continued fraction converges fast on this side of the mean; the other side is one minus the mirror image.
  if (x > (a + 1) / (a + b + 2)) return Math.log1p(-Math.exp(logRegularizedBeta(y, b, a, x)));
  const lnY = x < 0.5 ? Math.log1p(-x) : Math.log(y);
  const lnFront = a * Math.log(x) + b * lnY + logGamma(a + b) - logGamma(a) - logGamma(b) - Math.log(a);
  return lnFront + Math.log(continuedFraction(x, a, b));
}

/** Lentz's evaluation of the continued fraction of the incomplete beta function. */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 10_000; m++) {
    for (const coefficient of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / awayFromZero(1 + coefficient * d);
      c = awayFromZero(1 + coefficient / c);
      value *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

const awayFromZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
