import { SaeError } from "@sae/core";
import { bisect } from "./bisect.js";
import { logRegularizedBeta } from "./regularizedBeta.js";

/**
 * The t with P(|T| ≤ t) = `confidence` for Student's distribution.
 *
 * @param degrees - degrees of freedom, at least 1
 * @param confidence - in (0, 1)
 */
export function studentQuantile(degrees: number, confidence: number): number {
  checkConfidence("studentQuantile", confidence);
  // P(|T| > t) = I_{ν/(ν + t²)}(ν/2, 1/2); solved in u = ν/(ν + t²), which is bounded.
  const u = bisect((x) => logRegularizedBeta(x, degrees / 2, 0.5) - Math.log1p(-confidence), 0, 1);
  return Math.sqrt((degrees * (1 - u)) / u);
}

/** The z with P(|Z| ≤ z) = `confidence` for the standard normal distribution: 1.959964 for 0.95. */
export function normalQuantile(confidence: number): number {
  checkConfidence("normalQuantile", confidence);
  return bisect((z) => errorFunction(z / Math.SQRT2) - confidence, 0, 40);
}

/** @throws SaeError `invalid_argument` unless 0 < confidence < 1 */
export function checkConfidence(operation: string, confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new SaeError(
      "invalid_argument",
      `${operation}: needed a confidence between 0 and 1, got ${confidence}; 95 % is 0.95`,
    );
  }
}

/** erf(x) for x ≥ 0 from its series of positive terms: 2/√π · e^(−x²) · Σ (2x²)^k x / (1·3·…·(2k + 1)). */
function errorFunction(x: number): number {
  if (x > 6) return 1;
  let term = x;
  let sum = x;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (2 * x * x) / (2 * k + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
