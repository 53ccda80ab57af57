import fc from "fast-check";
import { expect } from "vitest";
import type { Tokenizer } from "./tokenizer.js";

/** Texts of anything: letters, spaces, marks, emoji of several code points, lone surrogates, names of special tokens. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom(
      ..."aabbc  \n\t\r.'▁é日",
      "e\u0301",
      "😀",
      "👩‍🔬",
      "\ud83d",
      "\ude00",
      "<s>",
      "<0x0A>",
      "\ufeff",
      "\u0000",
    ),
  }),
);

/** A text as UTF-8 can hold it: lone surrogates become U+FFFD. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

const splitsPair = (text: string, at: number) =>
  /[\ud800-\udbff]/.test(text[at - 1] ?? "") && /[\udc00-\udfff]/.test(text[at] ?? "");

/**
 * What the offsets of every tokenizer must be: inside the text, in order, without a gap, and never half a surrogate pair; and a token of whole
 * characters is the text that it stands for.
 *
 * @param sameText whether a slice is compared with the token's own text, which a normaliser makes differ
 */
export function expectTrueOffsets(tokenizer: Tokenizer, text: string, sameText = true): void {
  const { ids, offsets } = tokenizer.encode(text);
  expect(offsets).toHaveLength(ids.length);
  const wrong: string[] = [];
  let covered = 0;
  let last = 0;
  for (const [index, [start, end]] of offsets.entries()) {
    const own = tokenizer.tokenText(ids[index]);
    const report = (reason: string) => wrong.push(`token ${index} ${own} [${start}, ${end}): ${reason}`);
    if (start < last || end < Math.max(start, covered)) report("out of order");
    if (start > covered) report(`gap after ${covered}`);
    if (splitsPair(text, start) || splitsPair(text, end)) report("half a character");
    [last, covered] = [start, end];
    if (!sameText || tokenizer.special.has(ids[index]) || /<0x..>/.test(own)) continue;
    const slice = wellFormed(text.slice(start, end));
    // The space that was put before the text is in the first token only.
    if (own !== slice && !(start === 0 && own === ` ${slice}`)) report(`stands for ${JSON.stringify(slice)}`);
  }
  if (covered !== text.length) wrong.push(`${covered} of ${text.length} units are covered`);
  expect(wrong).toEqual([]);
}
