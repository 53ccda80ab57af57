export { type AdvantageOptions, advantage, type Contest } from "./advantage.js";
export { type BestCosines, bestCosines } from "./bestCosines.js";
export { bootstrapInterval } from "./bootstrapInterval.js";
export { type BootstrapOptions, bootstrapStatistic } from "./bootstrapStatistic.js";
export { type CapBound, capBound, formatPowerOfTen } from "./capBound.js";
export type { Similarity } from "./cosine.js";
export { deadFraction, type LatentShare } from "./deadFraction.js";
export { type DecoderDrift, decoderDrift } from "./decoderDrift.js";
export { denseFraction } from "./denseFraction.js";
export { explainedVariance } from "./explainedVariance.js";
export { explainedVarianceLegacy } from "./explainedVarianceLegacy.js";
export { explainedVarianceResidualCentred } from "./explainedVarianceResidualCentred.js";
export { explainedVarianceSaebench06 } from "./explainedVarianceSaebench06.js";
export { explainedVarianceScalarMean } from "./explainedVarianceScalarMean.js";
export { explainedVarianceUncentred } from "./explainedVarianceUncentred.js";
export { firingFrequencies } from "./firingFrequencies.js";
export { countFirings, type FiringCounter, type Firings } from "./firings.js";
export { fractionVarianceUnexplained } from "./fractionVarianceUnexplained.js";
export {
  type HierarchicalBootstrap,
  type HierarchicalOptions,
  hierarchicalBootstrap,
} from "./hierarchicalBootstrap.js";
export { type Histogram, histogram } from "./histogram.js";
export type { Interval, IntervalMethod } from "./interval.js";
export { l0 } from "./l0.js";
export { lossRecovered } from "./lossRecovered.js";
export { type Match, matchRows } from "./matchRows.js";
export { maxCosineToOthers } from "./maxCosineToOthers.js";
export { meanBestCosine } from "./meanBestCosine.js";
export { meanDifference, meanInterval } from "./meanInterval.js";
export { meanMatchedCosine } from "./meanMatchedCosine.js";
export { meanPairwiseCosine } from "./meanPairwiseCosine.js";
export { meanSquaredError } from "./meanSquaredError.js";
export { logCapProbability, nullBestCosine } from "./nullCosine.js";
export { pairedDifferenceInterval } from "./pairedDifferenceInterval.js";
export { quantile } from "./quantile.js";
export type {
  ReconstructionAccumulator,
  ReconstructionMetric,
} from "./reconstructionMetric.js";
export { reconstructionMetrics } from "./reconstructionMetrics.js";
export { relativeReconstructionBias } from "./relativeReconstructionBias.js";
export { resampledInterval } from "./resampledInterval.js";
export type { Rows } from "./rows.js";
export { type Score, scoreAbove } from "./score.js";
export { seedDifference } from "./seedDifference.js";
export { seedInterval } from "./seedInterval.js";
export type { Pairing, SeedScore, SeedScores } from "./seedScores.js";
export { type LatentDirections, sharedFraction } from "./sharedFraction.js";
export { shrinkage } from "./shrinkage.js";
export { type SpliceLosses, type SpliceScores, spliceScores } from "./spliceScores.js";
export { type SpliceUnits, spliceUnits } from "./spliceUnits.js";
export { studentInterval } from "./studentInterval.js";
export { uniqueness } from "./uniqueness.js";
export { type ScoredUnit, type UnitScores, unitScores } from "./unitScores.js";
export { type Verdict, verdictOf } from "./verdict.js";
export { wilsonInterval } from "./wilsonInterval.js";
