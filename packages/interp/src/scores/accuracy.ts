import type { Judgement } from "./judgement.js";

/**
 * The AutoInterp score of a latent: share of the answers that are right, (TP + TN) / (TP + TN + FP + FN). Answers that could not be read are
 * left out; null when none could. With as many active sequences as inactive ones, chance is 0.5.
 *
 * Source: arXiv 2602.14111, section 4 (AutoInterp).
 */
export function accuracy({ truePositives, falseNegatives, trueNegatives, falsePositives }: Judgement): number | null {
  const answers = truePositives + falseNegatives + trueNegatives + falsePositives;
  return answers === 0 ? null : (truePositives + trueNegatives) / answers;
}
