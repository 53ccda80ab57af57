import type { Judgement } from "./judgement.js";

/**
 * Mean of the shares of right answers on active and on inactive sequences, (TP / (TP + FN) + TN / (TN + FP)) / 2. Chance is 0.5 whatever the
 * numbers of both, also when answers on one kind are unreadable more often. Null when one kind has no readable answer.
 */
export function balancedAccuracy(judgement: Judgement): number | null {
  const { truePositives, falseNegatives, trueNegatives, falsePositives } = judgement;
  const active = truePositives + falseNegatives;
  const inactive = trueNegatives + falsePositives;
  return active === 0 || inactive === 0 ? null : (truePositives / active + trueNegatives / inactive) / 2;
}
