import { fold, key, permutation } from "@sae/core";
import type { Judge, JudgedSequence } from "../explainer.js";
import type { ChatModel } from "./chatModel.js";
import type { ChatPrompt } from "./chatRequest.js";
import { judgeMessages, reminder } from "./prompts.js";
import { readNumbers } from "./readNumbers.js";
import { sequenceText } from "./sequenceText.js";

/** How a judge asks. */
export interface LlmJudgeOptions {
  /** Of the order in which sequences are shown. */
  readonly seed: number;
  /** Sequences for one question; all when left out, as in arXiv 2602.14111. */
  readonly batch?: number;
  /** Most tokens of an answer; more for models that think aloud. Default 4 for each sequence and 16. */
  readonly maxTokens?: number;
  /** Ask once more when an answer could not be read. Default true. */
  readonly remind?: boolean;
}

/** Judges by questions to a language model. */
export interface LlmJudge extends Judge {
  /** The questions about sequences. */
  prompts(description: string, sequences: readonly JudgedSequence[]): ChatPrompt[];
  /** How many answers could not be read, reminders included: their sequences have no verdict. */
  unreadable(): number;
}

/**
 * A judge that shows a description and numbered sequences to a language model and asks for the numbers of those in which the latent is active. The order is
 * drawn from the seed and the sequences, whichever latent they are judged for and however they are given. An empty description is not judged: all verdicts are null.
 *
 * @param chat `judge` throws what its `ask` throws
 */
export function llmJudge(chat: ChatModel, options: LlmJudgeOptions): LlmJudge {
  const { seed, batch, maxTokens, remind = true } = options;
  let unreadable = 0;

  const questions = (description: string, sequences: readonly JudgedSequence[]) => {
    const byId = Array.from(sequences.keys()).sort((a, b) => compare(sequences[a].id, sequences[b].id) || a - b);
    const stream = fold(key(seed), "judge", JSON.stringify(byId.map((place) => sequences[place].id)));
    const order = Array.from(permutation(stream, byId.length), (at) => byId[at]);
    const size = batch ?? Math.max(1, order.length);
    return Array.from({ length: Math.ceil(order.length / size) }, (_, part) => {
      const places = order.slice(part * size, (part + 1) * size); // of the sequences numbered 1, 2, ...
      const texts = places.map((place) => sequenceText(sequences[place]));
      return {
        places,
        prompt: {
          messages: judgeMessages(description, texts),
          maxTokens: maxTokens ?? 4 * places.length + 16,
        },
      };
    });
  };

  /** The numbers in the answer to one question. */
  const ask = async (prompt: ChatPrompt, count: number): Promise<Set<number> | null> => {
    const answer = await chat.ask(prompt);
    const numbers = answer.cut ? null : readNumbers(answer.text, count);
    if (numbers !== null || !remind) return numbers;
    const messages = [...prompt.messages, ...reminder(answer.text, "numbers", count)];
    const again = await chat.ask({ ...prompt, messages });
    return again.cut ? null : readNumbers(again.text, count);
  };

  return {
    name: `llm ${chat.model}`,
    prompts: (description, sequences) => questions(description, sequences).map(({ prompt }) => prompt),
    unreadable: () => unreadable,
    async judge({ text }, sequences) {
      const verdicts: (boolean | null)[] = sequences.map(() => null);
      if (text === "") return verdicts;
      const asked = questions(text, sequences).map(async ({ prompt, places }) => {
        const active = await ask(prompt, places.length);
        if (active === null) unreadable++;
        for (const [at, place] of places.entries()) verdicts[place] = active?.has(at + 1) ?? null;
      });
      await Promise.all(asked);
      return verdicts;
    },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
