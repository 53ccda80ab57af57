import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric } from "./reconstructionMetric.js";
import { sumSquaredDifference, sumSquares } from "./variance.js";

/**
 * Share of the second moment about zero. A large constant offset in the inputs, which a bias alone reconstructs, counts as
 * explained: the same SAE may score 0.98 here and 0.78 on `explainedVariance`.
 */
export const explainedVarianceUncentred = defineReconstructionMetric({
  name: "explainedVarianceUncentred",
  formula: "1 − E‖e‖² / E‖x‖²",
  source: "what SAELens < 6.45.1 and SAEBench 0.6 amount to on real activations",
  perfect: 1,
  accumulate: () => {
    let rows = 0;
    let residual = 0;
    let total = 0;
    return {
      add(x, xHat, count) {
        rows += count;
        residual += sumSquaredDifference(x, xHat);
        total += sumSquares(x);
      },
      value: () => explainedFraction(residual, total, rows),
    };
  },
});
