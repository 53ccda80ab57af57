import { defineReconstructionMetric } from "./reconstructionMetric.js";
import { sumSquaredDifference } from "./variance.js";

/** Mean over tokens of the squared error summed over dimensions, in squared units of the input: the training loss. */
export const meanSquaredError = defineReconstructionMetric({
  name: "meanSquaredError",
  formula: "E‖e‖²",
  source: "the reconstruction loss of every architecture here",
  perfect: 0,
  accumulate: () => {
    let rows = 0;
    let residual = 0;
    return {
      add(x, xHat, count) {
        rows += count;
        residual += sumSquaredDifference(x, xHat);
      },
      value: () => residual / rows,
    };
  },
});
