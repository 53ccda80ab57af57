import { z } from "zod";
import { answerFailure, ChatFailure, invalidAnswer, networkFailure, timedOut } from "./chatFailure.js";
import type { ChatAnswer, ChatRequest } from "./chatRequest.js";
import { type ChatSettings, withoutKey } from "./chatSettings.js";

/** What is read of a chat completion. */
const completion = z.object({
  choices: z
    .array(
      z.object({
        // null when the model refused
        message: z.object({ content: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

/**
 * Asks once.
 *
 * @param seen whether the server has answered before
 * @throws ChatFailure
 */
export async function completeChat(settings: ChatSettings, request: ChatRequest, seen: boolean): Promise<ChatAnswer> {
  const { baseUrl, apiKey, limitName, timeoutMs } = settings;
  const { model, messages, temperature, seed, maxTokens } = request;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        ...(apiKey !== null && { Authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({
        model,
        messages,
        [limitName]: maxTokens,
        ...(temperature !== null && { temperature }),
        ...(seed !== null && { seed }),
      }),
      signal,
    });
    const body = await response.text();
    if (!response.ok) throw answerFailure(settings, response.status, response.headers, body);
    return readCompletion(settings, body);
  } catch (cause) {
    if (cause instanceof ChatFailure) throw cause;
    throw signal.aborted ? timedOut(settings) : networkFailure(settings, cause, seen);
  }
}

function readCompletion(settings: ChatSettings, body: string): ChatAnswer {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw invalidAnswer(settings, "needed JSON", body);
  }
  const { data, error } = completion.safeParse(parsed);
  if (error) throw invalidAnswer(settings, `needed a chat completion with ${error.issues[0].path.join(".")}`, body);
  const { choices, usage } = data;
  const [{ message, finish_reason }] = choices;
  return {
    text: withoutKey(message.content ?? "", settings),
    cut: finish_reason === "length",
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
  };
}
