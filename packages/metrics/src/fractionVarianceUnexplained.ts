import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric, meanOverBatches } from "./reconstructionMetric.js";
import { centredSumSquares, sumSquaredDifference } from "./variance.js";

/**
 * Residual over the spread about the *batch* mean, per batch, then averaged. One minus it equals `explainedVariance` when
 * there is a single batch and is lower otherwise, because each batch mean fits its own batch better than the overall mean.
 */
export const fractionVarianceUnexplained = defineReconstructionMetric({
  name: "fractionVarianceUnexplained",
  formula: "Σ e² / Σ (x − batch mean)² per batch, mean over batches",
  source: "sparsify FVU",
  perfect: 0,
  accumulate: (dModel) =>
    meanOverBatches(
      (x, xHat, rows) => 1 - explainedFraction(sumSquaredDifference(x, xHat), centredSumSquares(x, dModel), rows),
    ),
});
