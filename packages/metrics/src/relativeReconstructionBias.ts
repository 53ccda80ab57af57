import { defineReconstructionMetric, meanOverBatches } from "./reconstructionMetric.js";
import { sumProducts, sumSquares } from "./variance.js";

/**
 * The factor by which reconstructions are too long: below 1 they shrink, above 1 they overshoot. Per batch, then averaged;
 * not finite for a batch whose reconstructions are all orthogonal to its inputs.
 */
export const relativeReconstructionBias = defineReconstructionMetric({
  name: "relativeReconstructionBias",
  formula: "E‖x̂‖² / E⟨x, x̂⟩ per batch, mean over batches",
  source: "SAEBench and dictionary_learning `relative_reconstruction_bias`",
  perfect: 1,
  accumulate: () => meanOverBatches((x, xHat) => sumSquares(xHat) / sumProducts(x, xHat)),
});
