import type { Explainer, Explanation, LatentExamples } from "../explainer.js";
import type { ChatModel } from "./chatModel.js";
import type { ChatPrompt } from "./chatRequest.js";
import { explainMessages, reminder } from "./prompts.js";
import { readDescription } from "./readDescription.js";
import { markedText } from "./sequenceText.js";

/** What an explanation is made from. */
export interface LlmExplainerOptions {
  /** Activating sequences shown, the strongest. Default 15, as in arXiv 2602.14111. */
  readonly examples?: number;
  /** A token is marked when its activation is above this share of the largest that is shown. Default 0.01. */
  readonly markAbove?: number;
  /** Most tokens of an answer; more for models that think aloud. Default 80. */
  readonly maxTokens?: number;
  /** Ask once more when an answer could not be read. Default true. */
  readonly remind?: boolean;
}

/** Explains by one question to a language model. */
export interface LlmExplainer extends Explainer {
  /** The question about a latent. */
  prompt(examples: Pick<LatentExamples, "activating">): ChatPrompt;
  /** How many descriptions could not be read, reminders included. */
  unreadable(): number;
}

/**
 * An explainer that shows a latent's activating sequences to a language model, active tokens marked, and takes its sentence. The sequences in which the
 * latent is inactive are not shown. Where no description could be read, the text is empty.
 *
 * @param chat `explain` throws what its `ask` throws
 */
export function llmExplainer(chat: ChatModel, options: LlmExplainerOptions = {}): LlmExplainer {
  const { examples: shown = 15, markAbove = 0.01, maxTokens = 80, remind = true } = options;
  let unreadable = 0;

  const prompt = ({ activating }: Pick<LatentExamples, "activating">): ChatPrompt => {
    const sequences = activating.slice(0, shown);
    const largest = Math.max(0, ...sequences.flatMap(({ activations }) => activations));
    return {
      messages: explainMessages(sequences.map((sequence) => markedText(sequence, markAbove * largest))),
      maxTokens,
    };
  };
  return {
    name: `llm ${chat.model}`,
    prompt,
    unreadable: () => unreadable,
    async explain(examples): Promise<Explanation> {
      const asked = prompt(examples);
      const { text } = await chat.ask(asked);
      let description = readDescription(text);
      if (description === null && remind) {
        const again = await chat.ask({ ...asked, messages: [...asked.messages, ...reminder(text, "description")] });
        description = readDescription(again.text);
      }
      if (description === null) unreadable++;
      return { latent: examples.latent, text: description ?? "" };
    },
  };
}
