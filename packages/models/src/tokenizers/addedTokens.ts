import { z } from "zod";

/** A token of a tokenizer.json that is found in the text itself before anything is merged. */
export const addedTokenSchema = z.object({
  id: z.int().nonnegative(),
  content: z.string(),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(false),
  special: z.boolean().default(false),
});
export type AddedToken = z.infer<typeof addedTokenSchema>;

/** The text as a pattern. Unicode-mode expressions allow a backslash before syntax characters only: not before "-". */
const quote = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/**
 * Finds added tokens, the leftmost first and of those that start together the longest.
 *
 * @returns a walk over a text that reports tokens and what lies between them, in order; empty stretches are not reported
 */
export function findAddedTokens(tokens: readonly AddedToken[]) {
  const found = tokens.filter(({ content }) => content !== "").sort((a, b) => b.content.length - a.content.length);
  const idOf = new Map(found.map(({ content, id }) => [content, id]));
  const expression = new RegExp(
    found
      .map(({ content, single_word, lstrip, rstrip }) => {
        const [before, after] = single_word ? ["(?<![\\p{L}\\p{N}_])", "(?![\\p{L}\\p{N}_])"] : ["", ""];
        return `${lstrip ? "\\s*" : ""}${before}(${quote(content)})${after}${rstrip ? "\\s*" : ""}`;
      })
      .join("|"),
    "gu",
  );
  return (
    text: string,
    onToken: (id: number, start: number, end: number) => void,
    onText: (start: number, end: number) => void,
  ): void => {
    let last = 0;
    for (const match of found.length > 0 ? text.matchAll(expression) : []) {
      if (match.index > last) onText(last, match.index);
      last = match.index + match[0].length;
      const content = match.slice(1).find((group) => group !== undefined) as string;
      onToken(idOf.get(content) as number, match.index, last);
    }
    if (last < text.length) onText(last, text.length);
  };
}
