import { checkConfidence, studentQuantile } from "./distributions.js";
import type { Interval } from "./interval.js";
import { meanAndSd } from "./meanAndSd.js";
import { nothingMeasured } from "./rows.js";

/**
 * Mean with Student's t interval: for a few values that are roughly normal, such as one score from each of two to ten seeds.
 * With two values it is 12.7 standard errors to each side, which is honest: two seeds say little about a third.
 *
 * @param values - at least one; with a single value there is no interval
 * @param confidence - coverage, 0.95 by default
 * @throws SaeError `nothing_measured` without values
 */
export function studentInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  checkConfidence("studentInterval", confidence);
  const n = values.length;
  if (n === 0) throw nothingMeasured("studentInterval", "value");
  const { mean, sd } = meanAndSd(values);
  if (sd === null) return { mean, low: null, high: null, sd, n, confidence, method: "none" };
  const halfWidth = (studentQuantile(n - 1, confidence) * sd) / Math.sqrt(n);
  return { mean, low: mean - halfWidth, high: mean + halfWidth, sd, n, confidence, method: "student t" };
}
