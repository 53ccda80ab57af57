export type { LatentCounts } from "./collect/chooseLatents.js";
export {
  type CollectedLatents,
  collectLatents,
  type LatentActivations,
  type LatentSequences,
} from "./collect/collectLatents.js";
export { type CollectOptions, collectDefaults } from "./collect/collectOptions.js";
export type { ContextCodes } from "./collect/contextCodes.js";
export type {
  Explainer,
  Explanation,
  Judge,
  JudgedSequence,
  LatentExamples,
  Sequence,
} from "./explainer.js";
export { judgeLatent } from "./judgeLatent.js";
export type { ChatTotals, ChatUsage } from "./llm/chatAccount.js";
export { ChatFailure } from "./llm/chatFailure.js";
export { type ChatModel, openChatModel } from "./llm/chatModel.js";
export type { ChatAnswer, ChatMessage, ChatPrompt } from "./llm/chatRequest.js";
export type { ChatOptions, ChatPrices } from "./llm/chatSettings.js";
export { type ChatEstimate, type ChatQuestions, estimateChat } from "./llm/estimateChat.js";
export { type LlmExplainer, type LlmExplainerOptions, llmExplainer } from "./llm/llmExplainer.js";
export { type LlmJudge, type LlmJudgeOptions, llmJudge } from "./llm/llmJudge.js";
export { promptVersion } from "./llm/prompts.js";
export type { PatternOptions } from "./ngram/choosePatterns.js";
export { type NgramData, ngramDefaults, ngramExplainer, ngramJudge } from "./ngram/ngramExplainer.js";
export type { Pattern } from "./ngram/pattern.js";
export type { TokenTest } from "./ngram/tokenTest.js";
export { otherLatents } from "./otherLatents.js";
export { accuracy } from "./scores/accuracy.js";
export { balancedAccuracy } from "./scores/balancedAccuracy.js";
export { chanceCorrected } from "./scores/chanceCorrected.js";
export { type Judgement, judgementOf } from "./scores/judgement.js";
export { INTERPRETABLE_ABOVE, shareAbove } from "./scores/shareAbove.js";
