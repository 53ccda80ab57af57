import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric, meanOverBatches } from "./reconstructionMetric.js";
import { centredSumSquares, sumSquaredDifference } from "./variance.js";

/**
 * Like `explainedVariance` of one batch, but centred on a single number, the mean over all rows and dimensions: differences
 * between the means of the dimensions count as variance to explain. Per batch, then averaged.
 */
export const explainedVarianceScalarMean = defineReconstructionMetric({
  name: "explainedVarianceScalarMean",
  formula: "1 − Σ e² / Σ (x − m)², m = mean over all rows and dimensions of the batch, mean over batches",
  source: "overcomplete `r2`",
  perfect: 1,
  accumulate: () =>
    meanOverBatches((x, xHat, rows) => explainedFraction(sumSquaredDifference(x, xHat), centredSumSquares(x, 1), rows)),
});
