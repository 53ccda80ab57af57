import { accumulateAboutZero } from "./accumulateAboutZero.js";
import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric } from "./reconstructionMetric.js";

/**
 * Share of the second moment about zero. A large constant offset in the inputs, which a bias alone reconstructs, counts as
 * explained: the same SAE may score 0.98 here and 0.78 on `explainedVariance`.
 */
export const explainedVarianceUncentred = defineReconstructionMetric({
  name: "explainedVarianceUncentred",
  formula: "1 − E‖e‖² / E‖x‖²",
  source: "what SAELens < 6.45.1 and SAEBench 0.6 amount to on real activations",
  perfect: 1,
  accumulate: () => accumulateAboutZero(({ rows, residual, total }) => explainedFraction(residual, total, rows)),
});
