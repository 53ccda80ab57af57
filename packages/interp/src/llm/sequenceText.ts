import type { JudgedSequence, Sequence } from "../explainer.js";

/** Signs around active tokens. They hardly occur in text, as `<<` or brackets do in code. */
export const mark = { open: "⟦", close: "⟧" } as const;

/** Stands for a line break, so that a sequence is one line. */
export const lineBreak = "↵";

/** A sequence in one line. Halves of characters, which tokens may end in, are left out. */
export const sequenceText = ({ tokens }: Pick<JudgedSequence, "tokens">): string => inOneLine(tokens.join(""));

/**
 * A sequence in one line with its active tokens marked; neighbours share their marks, and a space before a word stays outside.
 *
 * @param above a token is active when its activation is larger
 */
export function markedText({ tokens, activations }: Pick<Sequence, "tokens" | "activations">, above: number): string {
  let text = "";
  for (let at = 0; at < tokens.length; ) {
    const active = activations[at] > above;
    let end = at + 1;
    while (end < tokens.length && activations[end] > above === active) end++;
    const run = tokens.slice(at, end).join("");
    text += active ? run.replace(/^( *)(.*)$/s, `$1${mark.open}$2${mark.close}`) : run;
    at = end;
  }
  return inOneLine(text);
}

const inOneLine = (text: string): string =>
  text
    .replaceAll("\uFFFD", "")
    .replaceAll(/\r\n|[\n\r\u2028\u2029]/g, lineBreak)
    .trim();
