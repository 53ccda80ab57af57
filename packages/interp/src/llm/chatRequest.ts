import { createHash } from "node:crypto";

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a model is asked. */
export interface ChatPrompt {
  readonly messages: readonly ChatMessage[];
  /** Most tokens of the answer. */
  readonly maxTokens: number;
}

/** A prompt with everything else that its answer depends on. Which server is asked is no part of it. */
export interface ChatRequest extends ChatPrompt {
  readonly model: string;
  /** null leaves it to the server. */
  readonly temperature: number | null;
  /** null leaves it to the server. */
  readonly seed: number | null;
}

/** What a model answered. */
export interface ChatAnswer {
  readonly text: string;
  /** Whether the answer was cut off at the most tokens it might have. */
  readonly cut: boolean;
  /** As the server counted them; null when it did not say. */
  readonly promptTokens: number | null;
  /** As the server counted them; null when it did not say. */
  readonly completionTokens: number | null;
}

/** The same for equal requests: sha256 in hexadecimal digits. */
export function requestHash({ model, messages, temperature, seed, maxTokens }: ChatRequest): string {
  const texts = messages.map(({ role, content }) => [role, content]);
  return createHash("sha256")
    .update(JSON.stringify([model, temperature, seed, maxTokens, texts]))
    .digest("hex");
}
