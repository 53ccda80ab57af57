import { defineReconstructionMetric } from "./reconstructionMetric.js";

/** Inputs shorter than this have no length to lose. */
const shortest = 1e-6;

/** Mean over tokens of ‖x̂‖ / ‖x‖, tokens with ‖x‖ ≤ 1e-6 left out; 0 when all were. Below 1: the SAE shrinks. */
export const shrinkage = defineReconstructionMetric({
  name: "shrinkage",
  formula: "E[‖x̂‖ / ‖x‖] over tokens with ‖x‖ > 1e-6",
  source: "SynthSAEBench; SAEBench `l2_ratio` (which counts short tokens as 1)",
  perfect: 1,
  accumulate: (dModel) => {
    let counted = 0;
    let sum = 0;
    return {
      add(x, xHat, rows) {
        for (let row = 0, at = 0; row < rows; row++) {
          let input = 0;
          let output = 0;
          for (let d = 0; d < dModel; d++, at++) {
            input += x[at] ** 2;
            output += xHat[at] ** 2;
          }
          if (Math.sqrt(input) <= shortest) continue;
          counted += 1;
          sum += Math.sqrt(output / input);
        }
      },
      value: () => (counted === 0 ? 0 : sum / counted),
    };
  },
});
