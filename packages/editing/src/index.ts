export { type CompletionOptions, completePrompts, defaultNewTokens } from "./completePrompts.js";
export { type EditScores, editScores, groupOf, scoredPairs } from "./editScores.js";
export { compileEditVectors, type EditedPrompts, type EditVectors } from "./editVectors.js";
export { activeFeatures, denseFeatures, type EntityFeatures, entityFeatures } from "./entityFeatures.js";
export { entityPosition, type Misfit } from "./entityPosition.js";
export { type Featurizer, type FeaturizerWeight, fixed, neurons, rotatedBasis } from "./featurizer.js";
export { fetchRavelTable, type RavelRepo } from "./fetchRavelTable.js";
export { type Answer, isRight } from "./isRight.js";
export { joinPairs } from "./joinPairs.js";
export { type Knowledge, type KnownPrompt, knownPrompts, type Recall } from "./knownPrompts.js";
export { type MaskRecipe, maskRecipe, maskSteps, saebenchMaskRecipe, temperatureAt } from "./maskRecipe.js";
export { nearestOrthogonal } from "./nearestOrthogonal.js";
export {
  type AttributePairs,
  drawPairs,
  type EditPair,
  type EditPairs,
  type LeftOut,
  type PairKind,
  type PairOptions,
} from "./pairs.js";
export { type HookPatch, patchAtHooks } from "./patchAtHooks.js";
export {
  type ActivationOptions,
  type ActivationReader,
  type PromptActivations,
  type PromptTokens,
  promptActivations,
  readActivations,
} from "./promptActivations.js";
export { buildPrompts, type Prompt, type PromptOptions, type Prompts, promptId } from "./prompts.js";
export { randomMask } from "./randomMask.js";
export { loadRavelTable, type RavelFiles, ravelFileName, ravelParts, ravelTable } from "./ravelFiles.js";
export { openPairScorer, type PairScorer, scoreUnedited } from "./scorePairs.js";
export { type OnASide, type SplitTable, splitTable } from "./splitTable.js";
export { checkTable, type Entity, placeholder, type RavelTable, type Split, type Template, tableOf } from "./table.js";
export { type MaskState, type MaskTrainer, type MaskTraining, openMaskTrainer, type TrainedMask } from "./trainMask.js";
