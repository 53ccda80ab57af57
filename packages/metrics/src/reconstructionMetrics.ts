import { explainedVariance } from "./explainedVariance.js";
import { explainedVarianceLegacy } from "./explainedVarianceLegacy.js";
import { explainedVarianceResidualCentred } from "./explainedVarianceResidualCentred.js";
import { explainedVarianceSaebench06 } from "./explainedVarianceSaebench06.js";
import { explainedVarianceScalarMean } from "./explainedVarianceScalarMean.js";
import { explainedVarianceUncentred } from "./explainedVarianceUncentred.js";
import { fractionVarianceUnexplained } from "./fractionVarianceUnexplained.js";
import { meanSquaredError } from "./meanSquaredError.js";
import type { ReconstructionMetric } from "./reconstructionMetric.js";
import { relativeReconstructionBias } from "./relativeReconstructionBias.js";
import { shrinkage } from "./shrinkage.js";

/** Every reconstruction metric, the reported one first. Tests and tables loop over this list. */
export const reconstructionMetrics: readonly ReconstructionMetric[] = [
  explainedVariance,
  explainedVarianceLegacy,
  explainedVarianceUncentred,
  explainedVarianceSaebench06,
  explainedVarianceResidualCentred,
  explainedVarianceScalarMean,
  fractionVarianceUnexplained,
  relativeReconstructionBias,
  shrinkage,
  meanSquaredError,
];
