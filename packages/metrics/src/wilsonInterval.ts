import { SaeError } from "@sae/core";
import { checkConfidence, normalQuantile } from "./distributions.js";
import type { Interval } from "./interval.js";
import { nothingMeasured } from "./rows.js";

/**
 * A proportion with Wilson's score interval, which stays inside [0, 1] and does not shrink to a point at 0 or 1: for counts
 * such as 3 of 3200 features recovered. It assumes independent trials; features of one SAE are not quite. It has no standard deviation: that of zeros and
 * ones says no more than the proportion does, and "0.7 ± 0.46" would be read as its uncertainty.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 *
 * @param successes - whole number, 0 ≤ successes ≤ trials
 * @param trials - whole number, at least 1
 * @param confidence - coverage, 0.95 by default
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  confidence = 0.95,
): Interval & { readonly low: number; readonly high: number } {
  checkConfidence("wilsonInterval", confidence);
  if (trials === 0) throw nothingMeasured("wilsonInterval", "trial");
  if (!Number.isInteger(successes) || !Number.isInteger(trials) || successes < 0 || successes > trials) {
    throw new SaeError(
      "invalid_argument",
      `wilsonInterval: needed whole numbers with 0 ≤ successes ≤ trials, got ${successes} of ${trials}`,
    );
  }
  const mean = successes / trials;
  const z2 = normalQuantile(confidence) ** 2;
  const centre = (successes + z2 / 2) / (trials + z2);
  const halfWidth = Math.sqrt(z2 * (mean * (1 - mean) * trials + z2 / 4)) / (trials + z2);
  return {
    mean,
    // The end beside an observed 0 or 1 is exactly that; rounding would leave it at −1e-19.
    low: successes === 0 ? 0 : centre - halfWidth,
    high: successes === trials ? 1 : centre + halfWidth,
    sd: null,
    n: trials,
    confidence,
    method: "wilson",
  };
}
