import type { JudgedSequence, LatentExamples } from "../explainer.js";
import type { ChatModel } from "./chatModel.js";
import type { ChatPrompt } from "./chatRequest.js";
import { costOf, estimateTokens } from "./estimateTokens.js";
import type { LlmExplainer } from "./llmExplainer.js";
import type { LlmJudge } from "./llmJudge.js";
import { readDescription } from "./readDescription.js";

/** What questions will cost. */
export interface ChatEstimate {
  /** Questions that have to be sent. */
  readonly requests: number;
  /** Questions whose answers are in the cache. */
  readonly cached: number;
  /** By the rule of `estimateTokens`. */
  readonly promptTokens: number;
  /** The most that the answers can have. */
  readonly completionTokens: number;
  /** In the currency of the prices; null without prices. */
  readonly cost: number | null;
}

/** Stands for a description that is not written yet: 20 words. */
const unwritten = "word ".repeat(20).trim();

/** What is asked: descriptions of latents, and judgements with one of these descriptions each. */
export interface ChatQuestions {
  readonly examples: readonly Pick<LatentExamples, "activating">[];
  readonly judgements: readonly {
    /** Whose description is judged: a place in `examples`. */
    readonly explanation: number;
    readonly sequences: readonly JudgedSequence[];
  }[];
}

/**
 * What questions will cost, before anything is sent: tokens of the prompts by a rule of thumb (a token for four bytes of UTF-8), answers at their longest,
 * without reminders and repetitions. What is in the cache costs nothing.
 */
export async function estimateChat(
  chat: ChatModel,
  { explainer, judge }: { readonly explainer: LlmExplainer; readonly judge: LlmJudge },
  { examples, judgements }: ChatQuestions,
): Promise<ChatEstimate> {
  const sums = { requests: 0, cached: 0, promptTokens: 0, completionTokens: 0 };
  const count = async (prompt: ChatPrompt): Promise<string | null> => {
    const known = await chat.known(prompt);
    if (known !== null) {
      sums.cached++;
      return known.text;
    }
    sums.requests++;
    sums.promptTokens += estimateTokens(prompt);
    sums.completionTokens += prompt.maxTokens;
    return null;
  };
  const texts: string[] = [];
  for (const one of examples) {
    const answer = await count(explainer.prompt(one));
    texts.push((answer === null ? null : readDescription(answer)) ?? unwritten);
  }
  for (const { explanation, sequences } of judgements) {
    for (const prompt of judge.prompts(texts[explanation], sequences)) await count(prompt);
  }
  return { ...sums, cost: costOf(sums, chat.prices) };
}
