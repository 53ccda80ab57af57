import { balancedAccuracy } from "./balancedAccuracy.js";
import type { Judgement } from "./judgement.js";

/**
 * Balanced accuracy with chance at 0 and every answer right at 1: 2 · balanced − 1, which is TP / (TP + FN) − FP / (FP + TN) (Youden's J). Scores
 * of protocols with other chance levels can be compared on it. Null as {@link balancedAccuracy}.
 *
 * Source: Youden, "Index for rating diagnostic tests", Cancer 3, 1950.
 */
export function chanceCorrected(judgement: Judgement): number | null {
  const balanced = balancedAccuracy(judgement);
  return balanced === null ? null : 2 * balanced - 1;
}
