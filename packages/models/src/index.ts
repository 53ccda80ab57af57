export { type ActivationName, activate, activationName } from "./blocks/activation.js";
export type { Causality, KeysAndValues } from "./blocks/causality.js";
export { type ConfigReader, configReader, unsupported } from "./blocks/configReader.js";
export { type GatedMlpOptions, gatedMlp, gatedMlpWeights } from "./blocks/mlp.js";
export { layerNormWeights, namedLayerNorm } from "./blocks/norms.js";
export { project, projectWeights, type Weights } from "./blocks/project.js";
export {
  type BlockOrder,
  type BlockParts,
  finalHook,
  residualHookNames,
  residualStream,
} from "./blocks/residualStream.js";
export { type RopeConfig, ropeFields, ropeFrequencies } from "./blocks/ropeFrequencies.js";
export {
  type AttentionOptions,
  type HeadSizes,
  headSizes,
  projectedAttention,
  projectedAttentionWeights,
  selfAttention,
} from "./blocks/selfAttention.js";
export { cacheFolder } from "./cacheFolder.js";
export {
  buildModelGraph,
  compileModel,
  type HookReading,
  type ModelArguments,
  type ModelGraph,
  type ModelProgram,
} from "./compileModel.js";
export { type CutModel, cut, type SuffixArguments } from "./cut.js";
export {
  type AnyFamily,
  defineFamily,
  type FamilyDefinition,
  type ForwardArguments,
  type ModelSizes,
} from "./defineFamily.js";
export { families, familyOf } from "./families/families.js";
export { type ForwardCost, forwardCost } from "./forwardCost.js";
export {
  compileGenerator,
  type Generator,
  type GeneratorOptions,
  type Guesses,
  generate,
  type PositionEdit,
  type PositionEdits,
  type StopOptions,
} from "./generation/generate.js";
export {
  type Context,
  type ContextOptions,
  type ContextSource,
  type ContextTokenizer,
  type StreamPosition,
  textContexts,
} from "./harvest/contexts.js";
export { fixedContexts } from "./harvest/fixedContexts.js";
export { type HarvestOptions, type HarvestProgress, harvest } from "./harvest/harvest.js";
export {
  type HarvestConfig,
  type HarvestCounts,
  type HarvestManifest,
  type HarvestShard,
  type HashedFile,
  type NormLimit,
  readManifest,
} from "./harvest/harvestManifest.js";
export { type BatchSource, type HarvestSourceOptions, harvestSource } from "./harvest/harvestSource.js";
export { type HookPrefix, hookPrefix } from "./harvest/hookPrefix.js";
export { norm } from "./harvest/norm.js";
export { type Harvest, openHarvest, type RowPlaces, type StoredContext } from "./harvest/openHarvest.js";
export type { Prefix } from "./harvest/prefix.js";
export type { RowSelection } from "./harvest/selectRows.js";
export { type StreamingOptions, type StreamingSource, streamingSource } from "./harvest/streamingSource.js";
export { checkHookNames, type Hooks } from "./hooks.js";
export { type FetchFromHubOptions, fetchFromHub } from "./hub/fetchFromHub.js";
export { type FetchModelOptions, fetchModelFromHub } from "./hub/fetchModelFromHub.js";
export type { HubProgress, HubRepoOptions, HubSnapshot } from "./hub/hubRepo.js";
export type { HubOptions } from "./hub/hubSettings.js";
export type { LanguageModel } from "./languageModel.js";
export { type LoadedModelOptions, loadedModel } from "./loadedModel.js";
export { loadModel } from "./loadModel.js";
export { loadModelFiles, type ModelFilesOptions } from "./loadModelFiles.js";
export type { LoadModelOptions } from "./loadModelOptions.js";
export { modelOutline } from "./modelOutline.js";
export { type NamedModel, namedModels } from "./namedModels.js";
export { type OpenTokenizer, openTokenizer } from "./openTokenizer.js";
export { setPositions, takePositions } from "./positions.js";
export { compileForward, type ForwardOptions, type ForwardProgram, type ForwardResult, runModel } from "./runModel.js";
export { readTable, type TableOptions } from "./table/readTable.js";
export { type FetchTextsOptions, fetchTexts } from "./text/fetchTexts.js";
export { openTexts, type TextOptions } from "./text/openTexts.js";
export { fileText, type TextEncoding } from "./text/readText.js";
export { lines, type TextSplit } from "./text/splitText.js";
export type { TextDocument, TextSource } from "./text/textSource.js";
export { type TextLimits, type Texts, type TokenBatch, tokenBatch } from "./tokenBatch.js";
export { ggufTokenizer } from "./tokenizers/ggufTokenizer.js";
export { gpt2Tokenizer } from "./tokenizers/gpt2Tokenizer.js";
export { huggingFaceTokenizer } from "./tokenizers/huggingFaceTokenizer.js";
export { llama2cTokenizer } from "./tokenizers/llama2cTokenizer.js";
export { openHuggingFaceTokenizer } from "./tokenizers/openHuggingFaceTokenizer.js";
export { pieceType, type SentencePieceModel, sentencePieceTokenizer } from "./tokenizers/sentencePieceTokenizer.js";
export type { Encoding, Tokenizer } from "./tokenizers/tokenizer.js";
export { type BpeTrainingOptions, type TrainedTokenizer, trainBpe } from "./tokenizers/trainBpe.js";
export type { GradientSpec } from "./training/gradientProgram.js";
export {
  localShards,
  type ShardGradient,
  type ShardRunner,
  type ShardTokens,
  type WeightArrays,
} from "./training/shardRunner.js";
export { type TokenScorer, type TokenScores, tokenScorer } from "./training/tokenScores.js";
export {
  contextsOf,
  type TrainingRecipe,
  type TrainingRecipeInput,
  trainingRecipe,
} from "./training/trainingRecipe.js";
export {
  type TrainedLanguageModel,
  type TrainingContexts,
  type TrainingLine,
  type TrainingProgress,
  type TrainLanguageModelOptions,
  trainLanguageModel,
} from "./training/trainLanguageModel.js";
export { type FetchOptions, fetchRegistryModel } from "./weights/fetchRegistryModel.js";
export type { GgufValue } from "./weights/gguf/decodeGgufHeader.js";
export { type GgufWeights, openGguf } from "./weights/openGguf.js";
export { openHuggingFaceFolder } from "./weights/openHuggingFaceFolder.js";
export { openLlama2c } from "./weights/openLlama2c.js";
export { openWeights } from "./weights/openWeights.js";
export { type RegistryModel, type RegistryPart, registry } from "./weights/registry.js";
export type { WeightSource } from "./weights/weightSource.js";
