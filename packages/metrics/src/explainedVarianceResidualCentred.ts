import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric, meanOverBatches } from "./reconstructionMetric.js";
import { centredSumSquares } from "./variance.js";

/**
 * The variance of the residual, not its second moment: a reconstruction that is off by the same vector everywhere loses
 * nothing. Per batch, then averaged.
 */
export const explainedVarianceResidualCentred = defineReconstructionMetric({
  name: "explainedVarianceResidualCentred",
  formula: "1 − Σ_d var(e_d) / Σ_d var(x_d) per batch, mean over batches",
  source: "dictionary_learning `frac_variance_explained`",
  perfect: 1,
  accumulate: (dModel) =>
    meanOverBatches((x, xHat, rows) => {
      const residual = new Float64Array(x.length); // [N, dModel]
      for (let i = 0; i < x.length; i++) residual[i] = x[i] - xHat[i];
      return explainedFraction(centredSumSquares(residual, dModel), centredSumSquares(x, dModel), rows);
    }),
});
