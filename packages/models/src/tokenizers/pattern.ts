import * as huggingFace from "@huggingface/tokenizers";
import { z } from "zod";
import { invalidTokenizer } from "./tokenizerPart.js";

// The package's declarations leave out file endings, which NodeNext does not resolve; this is what is used of it.
const { SplitPreTokenizer } = huggingFace as unknown as {
  readonly SplitPreTokenizer: new (options: object) => { readonly pattern: RegExp | null };
};

/** A pattern of a tokenizer.json: a text, or a regular expression of Oniguruma. */
export const patternSchema = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);

/**
 * A pattern as JavaScript's regular expression, with the flags `g` and `u`. Oniguruma's own writing ((?i:…), possessive quantifiers, what \s
 * and \w mean) is translated by @huggingface/tokenizers.
 *
 * @throws SaeError `invalid_tokenizer`
 */
export function compilePattern(pattern: z.infer<typeof patternSchema>): RegExp {
  try {
    const compiled = new SplitPreTokenizer({ type: "Split", behavior: "Isolated", invert: true, pattern }).pattern;
    if (compiled) return compiled;
  } catch (cause) {
    throw invalidTokenizer(`pattern ${JSON.stringify(pattern)} is no regular expression that is understood`, cause);
  }
  throw invalidTokenizer(`pattern ${JSON.stringify(pattern)} is empty`);
}
