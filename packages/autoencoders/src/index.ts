export { type Calibration, calibrateThreshold } from "./calibrate.js";
export { checkDefinition, fieldKinds } from "./checkDefinition.js";
export { type ActivationMoments, type Constraint, type StartArguments, unconstrained } from "./constraint.js";
export {
  type AnySae,
  type AnySaeWithInference,
  defineSae,
  type EncodeArguments,
  type Encoded,
  type ExtraParam,
  type InferenceRule,
  type Loss,
  type LossArguments,
  type OwnInference,
  type SaeDefinition,
  type SaeParams,
  type SaeSizes,
  type ScalarState,
  type StepSchedule,
} from "./defineSae.js";
export { densityFor } from "./density.js";
export { type ActiveLatents, compileEncoder, type Encoder } from "./encoder.js";
export { compileSae, compileTrainingRule, type Forward, type ForwardResult, inferenceCodes } from "./forward.js";
export { type HeldOutBatches, heldOutBatches } from "./heldOutBatches.js";
export { activationMoments, drawRows } from "./initialWeights.js";
export { deadAfter, type Recipe, type RecipeInput, recipeSchema } from "./recipe.js";
export { type Activation, loadSae, type Sae, type SaeWeights, saveSae, weightShapes } from "./sae.js";
export {
  type ActivationSource,
  arrayActivations,
  type FileSourceOptions,
  fileSource,
  generatorSource,
} from "./source.js";
export { stepsPerRun } from "./stepInputs.js";
export { train } from "./train.js";
export type { LogLine, Snapshot, TrainOptions, TrainProgress, TrainResult } from "./trainOptions.js";
export { compileTraining, type LogColumn, logColumns, scheduleNames, stateTypes, type TrainSpec } from "./trainStep.js";
export { batchTopkSae } from "./variants/batchtopk.js";
export { variants } from "./variants/index.js";
export { jumpReluSae } from "./variants/jumprelu.js";
export { matryoshkaSae } from "./variants/matryoshka.js";
export { reluSae } from "./variants/relu.js";
export {
  batchThreshold,
  groupSizes,
  l0Option,
  prefixReconstructions,
  reconstruct,
  reconstructionLoss,
  runningOr,
  thresholdState,
} from "./variants/shared.js";
export { topkSae } from "./variants/topk.js";
