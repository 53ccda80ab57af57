import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric } from "./reconstructionMetric.js";
import { startVariance, sumSquaredDifference } from "./variance.js";

/**
 * Explained variance, the only definition this project calls by that name: centred, summed over dimensions, over the whole
 * evaluation set. The value does not depend on how the set was cut into batches.
 *
 * 1 is perfect, 0 is what answering the mean of the inputs scores, and there is no lower limit.
 *
 * Source: arXiv 2602.14111, Eq. 5.
 */
export const explainedVariance = defineReconstructionMetric({
  name: "explainedVariance",
  formula: "1 − E‖e‖² / E‖x − E[x]‖²",
  source: "arXiv 2602.14111 Eq. 5; SAELens ≥ 6.45.1",
  perfect: 1,
  accumulate: (dModel) => {
    const inputs = startVariance(dModel);
    let residual = 0;
    return {
      add(x, xHat) {
        inputs.add(x);
        residual += sumSquaredDifference(x, xHat);
      },
      value: () => explainedFraction(residual, inputs.sumSquares, inputs.rows),
    };
  },
});
