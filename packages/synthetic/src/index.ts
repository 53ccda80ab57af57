export {
  type FeatureRecovery,
  featureRecovery,
  RECOVERY_THRESHOLDS,
  type RecoveredFraction,
  recoveredFractions,
  recoveryOf,
} from "./featureRecovery.js";
export { type NullDistribution, type RandomDictionaryNull, randomDictionaryNull } from "./randomDictionaryNull.js";
export { type RecoveryBin, recoveryCurve } from "./recoveryCurve.js";
export type { SparseRows } from "./sparseProduct.js";
export {
  constantProbability,
  type FeatureMagnitude,
  type FeatureProbability,
  HELD_OUT,
  type SyntheticConfig,
  type SyntheticModel,
  syntheticModel,
  variableProbability,
} from "./syntheticModel.js";
