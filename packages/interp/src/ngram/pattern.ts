import { passes, type TokenTest } from "./tokenTest.js";

/** A place where a latent is said to be active: a token, and tokens before it. */
export interface Pattern {
  /** The token at the place itself; null for any token. */
  readonly at: TokenTest | null;
  /** Tokens before it, nearest first; `back` 1 is right before. */
  readonly before: readonly { readonly back: number; readonly is: TokenTest }[];
}

/** Whether a pattern fits a place of a text: the definition, which the search for patterns must agree with. */
export function fitsAt({ at, before }: Pattern, tokens: readonly string[], place: number): boolean {
  if (at !== null && !passes(tokens[place], at)) return false;
  return before.every(({ back, is }) => place >= back && passes(tokens[place - back], is));
}

/** Whether a pattern fits somewhere in a text. */
export const fitsIn = (pattern: Pattern, tokens: readonly string[]): boolean =>
  tokens.some((_, place) => fitsAt(pattern, tokens, place));
