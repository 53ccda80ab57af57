import type { Sequence } from "../explainer.js";

/** A text as a sequence in which a latent is active on one word: 1 at its first place, half of it at the second, and so on. */
export function sequenceOn(word: string, text: string): Sequence {
  const tokens = text.match(/ ?[^ ]+/g) ?? [];
  const isWord = (token: string) => token.trim() === word;
  return {
    id: text,
    tokens,
    ids: tokens.map((_, at) => at),
    activations: tokens.map((token, at) => (isWord(token) ? 2 ** -tokens.slice(0, at).filter(isWord).length : 0)),
  };
}
