/** What a token has to be. */
export interface TokenTest {
  /** `token`: exactly this text, spaces included. `word`: this text, whatever its case and the spaces around it. */
  readonly kind: "token" | "word";
  readonly text: string;
}

/** A token without case and surrounding spaces, if it has letters: " The" and "the" are one word. */
export const wordOf = (token: string): string => (/\p{L}/u.test(token) ? token.trim().toLowerCase() : token);

/** Whether a token passes. */
export const passes = (token: string, { kind, text }: TokenTest): boolean =>
  (kind === "token" ? token : wordOf(token)) === text;

/** All tests that a token passes, the special one first. */
export const testsOf = (token: string): TokenTest[] => [
  { kind: "token", text: token },
  { kind: "word", text: wordOf(token) },
];
