/** What a token has to be. */
export type TokenTest =
  /** Exactly this text, spaces included. */
  | { readonly kind: "token"; readonly text: string }
  /** This text, whatever its case and the space before it. */
  | { readonly kind: "word"; readonly text: string }
  /** One of a kind of tokens. */
  | { readonly kind: "class"; readonly text: TokenClass };

/** Sets of tokens that are named, from the special to the general; a token belongs to the first that fits. */
const tokenClasses = {
  "a line break": /\n|^<0x0A>$/,
  "a number": /^\s*\d+$/,
  punctuation: /^\s*[\p{P}\p{S}]+$/u,
  "a capitalised word": /^\s*\p{Lu}[\p{L}\p{M}]*$/u,
  "a piece of a word": /^[\p{L}\p{M}]+$/u,
} as const;

/** See {@link TokenTest}. */
export type TokenClass = keyof typeof tokenClasses;

/** Every class. */
export const tokenClassNames = Object.keys(tokenClasses) as TokenClass[];

/** The class of a token, null for a word that begins with a space and a small letter, and for everything else. */
export const classOf = (token: string): TokenClass | null =>
  tokenClassNames.find((name) => tokenClasses[name].test(token)) ?? null;

/** Token with its case and the space before it left out, if it has letters: " The" and "the" are one word. */
export function wordOf(token: string): string {
  return /\p{L}/u.test(token) ? token.trim().toLowerCase() : token;
}

/** Whether a token passes. */
export function passes(token: string, { kind, text }: TokenTest): boolean {
  if (kind === "token") return token === text;
  return (kind === "word" ? wordOf(token) : classOf(token)) === text;
}

/** All tests that a token passes, from the special to the general. */
export function testsOf(token: string): TokenTest[] {
  const name = classOf(token);
  return [
    { kind: "token", text: token },
    { kind: "word", text: wordOf(token) },
    ...(name === null ? [] : [{ kind: "class" as const, text: name }]),
  ];
}
