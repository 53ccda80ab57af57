import type { ChatPrompt } from "./chatRequest.js";
import type { ChatPrices } from "./chatSettings.js";

/** Bytes of UTF-8 for a token: about right for English and most tokenizers, within a quarter of it. */
const bytesPerToken = 4;

/** What the conversation's form costs for each message: its role and its ends. */
const tokensPerMessage = 4;

/** Tokens of a prompt by a rule of thumb: a token for four bytes of UTF-8, and four for each message. */
export const estimateTokens = ({ messages }: Pick<ChatPrompt, "messages">): number =>
  messages.reduce(
    (sum, { content }) => sum + tokensPerMessage + Math.ceil(Buffer.byteLength(content) / bytesPerToken),
    0,
  );

/** What tokens cost; null without prices. */
export const costOf = (
  { promptTokens, completionTokens }: { readonly promptTokens: number; readonly completionTokens: number },
  prices: ChatPrices | null,
): number | null =>
  prices === null ? null : (promptTokens * prices.prompt + completionTokens * prices.completion) / 1e6;
