import { accumulateAboutZero } from "./accumulateAboutZero.js";
import { defineReconstructionMetric } from "./reconstructionMetric.js";

/**
 * What SAEBench 0.6 prints as `explained_variance`. Where the squared mean belongs it holds the square of the mean over
 * dimensions of the mean *square*, so the value has no bound: it passes 1 as soon as that square exceeds E‖x‖². Kept only to
 * read numbers others published; over several batches the moments are taken over all rows.
 */
export const explainedVarianceSaebench06 = defineReconstructionMetric({
  name: "explainedVarianceSaebench06",
  formula: "1 − E‖e‖² / (E‖x‖² − q²), q = mean over dimensions of E[x_d²]",
  source: "SAEBench 0.6.0, SAELens < 6.45.1",
  perfect: 1,
  accumulate: (dModel) =>
    accumulateAboutZero(
      ({ rows, residual, total }) => 1 - residual / rows / (total / rows - (total / rows / dModel) ** 2),
    ),
});
