import { explainedFraction } from "./explainedFraction.js";
import { defineReconstructionMetric, meanOverBatches } from "./reconstructionMetric.js";
import type { Rows } from "./rows.js";
import { startVariance } from "./variance.js";

/**
 * Mean of per-token ratios against the batch mean: tokens near the mean dominate, and the value depends on the batch size.
 * It is what the figures of the SAEBench paper show.
 */
export const explainedVarianceLegacy = defineReconstructionMetric({
  name: "explainedVarianceLegacy",
  formula: "E[1 − ‖e‖² / ‖x − batch mean‖²], mean over batches",
  source: "SAEBench `explained_variance_legacy`",
  perfect: 1,
  accumulate: (dModel) => meanOverBatches((x, xHat, rows) => meanTokenRatio(x, xHat, rows, dModel)),
});

function meanTokenRatio(x: Rows, xHat: Rows, rows: number, dModel: number): number {
  const batch = startVariance(dModel);
  batch.add(x);
  let sum = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    let residual = 0;
    let spread = 0;
    for (let d = 0; d < dModel; d++, at++) {
      residual += (x[at] - xHat[at]) ** 2;
      spread += (x[at] - batch.mean[d]) ** 2;
    }
    sum += explainedFraction(residual, spread);
  }
  return sum / rows;
}
