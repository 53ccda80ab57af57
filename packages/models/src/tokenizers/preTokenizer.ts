import { z } from "zod";
import { type AlignedText, applyEdits, type Edit, replaceUnit } from "./alignedText.js";
import { compilePattern, patternSchema } from "./pattern.js";
import { tokenizerPart, unsupportedTokenizer } from "./tokenizerPart.js";

/** A text and the words in it that merges do not cross. */
interface Words {
  readonly text: AlignedText;
  /** [start, end) of each word in `text`, one after the other: s₀, e₀, s₁, e₁, …; none is empty. */
  readonly ranges: readonly number[];
}

/**
 * Cuts words into smaller ones.
 *
 * @param first whether the text stands at the start of the document
 */
export type PreTokenizer = (words: Words, first: boolean) => Words;

/** GPT-2's words: contractions, letters, numbers and other signs with the space before them, spaces. */
export const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
type Behavior = (typeof behaviors)[number];

/** Cuts each word at the matches of a pattern; `invert` takes what lies between matches for matches. */
function split(pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer {
  return ({ text, ranges }) => {
    const cut: number[] = [];
    for (let index = 0; index < ranges.length; index += 2) {
      const [start, end] = [ranges[index], ranges[index + 1]];
      const word = text.text.slice(start, end); // the pattern may look ahead, but not out of the word
      let last = start;
      const pieces: [start: number, end: number, isMatch: boolean][] = [];
      for (const { 0: match, index: at } of word.matchAll(pattern)) {
        if (match.length === 0) continue;
        if (start + at > last) pieces.push([last, start + at, invert]);
        last = start + at + match.length;
        pieces.push([start + at, last, !invert]);
      }
      if (last < end) pieces.push([last, end, invert]);
      join(pieces, behavior, cut);
    }
    return { text, ranges: cut };
  };
}

/** What happens to the matches between the words. Follows `NormalizedString::split` of the Rust library. */
function join(pieces: readonly [number, number, boolean][], behavior: Behavior, out: number[]): void {
  if (behavior === "MergedWithNext") {
    for (let index = 0; index < pieces.length; index++) {
      const [start, end, isMatch] = pieces[index];
      const next = pieces[index + 1];
      if (isMatch && next && !next[2]) {
        out.push(start, next[1]);
        index++;
      } else {
        out.push(start, end);
      }
    }
    return;
  }
  let previous: boolean | null = null;
  for (const [start, end, isMatch] of pieces) {
    const joins =
      (behavior === "MergedWithPrevious" && isMatch && previous === false) ||
      (behavior === "Contiguous" && isMatch === previous);
    if (joins) out[out.length - 1] = end;
    else if (behavior !== "Removed" || !isMatch) out.push(start, end);
    previous = isMatch;
  }
}

/** Puts `prefix` before each word that needs it. */
function prefixWords(
  { text, ranges }: Words,
  prefix: string,
  needs: (word: { start: number; index: number }) => boolean,
) {
  const edits: Edit[] = [];
  const moved: number[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    const start = ranges[index] + edits.length * prefix.length;
    if (needs({ start: ranges[index], index }))
      edits.push({ start: ranges[index], end: ranges[index], content: prefix });
    moved.push(start, ranges[index + 1] + edits.length * prefix.length);
  }
  return { text: applyEdits(text, edits), ranges: moved };
}

const kinds: Record<string, (json: unknown) => PreTokenizer> = {
  Sequence: (json) => {
    const parts = z.object({ pretokenizers: z.array(z.looseObject({ type: z.string() })) }).parse(json).pretokenizers;
    if (parts.slice(0, -1).some(({ type }) => type === "ByteLevel")) {
      throw unsupportedTokenizer("a ByteLevel pre_tokenizer at the end of its Sequence", "one before the end");
    }
    const steps = parts.map(compilePreTokenizer);
    return (words, first) => steps.reduce((value, step) => step(value, first), words);
  },
  ByteLevel: (json) => {
    const { add_prefix_space, use_regex } = z
      .object({ add_prefix_space: z.boolean().default(true), use_regex: z.boolean().default(true) })
      .parse(json);
    const cut = use_regex ? split(compilePattern({ Regex: gpt2Pattern }), "Isolated") : null;
    return (words, first) => {
      const { text } = words.text;
      const spaced = add_prefix_space ? prefixWords(words, " ", ({ start }) => text[start] !== " ") : words;
      return cut ? cut(spaced, first) : spaced;
    };
  },
  Metaspace: (json) => {
    const { replacement, prepend_scheme, add_prefix_space, ...options } = z
      .object({
        replacement: z.string().length(1).default("▁"),
        prepend_scheme: z.enum(["always", "first", "never"]).optional(),
        add_prefix_space: z.boolean().optional(), // how older files say it
        split: z.boolean().default(true),
      })
      .parse(json);
    const scheme = prepend_scheme ?? (add_prefix_space === false ? "never" : "always");
    const cut = options.split ? split(compilePattern({ String: replacement }), "MergedWithNext") : null;
    return (words, first) => {
      const replaced = { text: replaceUnit(words.text, " ", replacement), ranges: words.ranges };
      const { text } = replaced.text;
      const prefixed = prefixWords(
        replaced,
        replacement,
        ({ start, index }) =>
          !text.startsWith(replacement, start) &&
          (scheme === "always" || (scheme === "first" && first && index === 0 && start === 0)),
      );
      return cut ? cut(prefixed, first) : prefixed;
    };
  },
  Split: (json) => {
    const { pattern, behavior, invert } = z
      .object({ pattern: patternSchema, behavior: z.enum(behaviors), invert: z.boolean().default(false) })
      .parse(json);
    return split(compilePattern(pattern), behavior, invert);
  },
  Digits: (json) => {
    const { individual_digits } = z.object({ individual_digits: z.boolean().default(false) }).parse(json);
    return split(/\p{N}/gu, individual_digits ? "Isolated" : "Contiguous");
  },
  Punctuation: (json) => {
    const { behavior } = z.object({ behavior: z.enum(behaviors).default("Isolated") }).parse(json);
    return split(/[\p{P}!-/:-@[-`{-~]/gu, behavior);
  },
  Whitespace: () => split(compilePattern({ Regex: "\\w+|[^\\w\\s]+" }), "Removed", true),
  WhitespaceSplit: () => split(/\p{White_Space}/gu, "Removed"),
  CharDelimiterSplit: (json) => {
    const { delimiter } = z.object({ delimiter: z.string() }).parse(json);
    return split(compilePattern({ String: delimiter }), "Removed");
  },
};

/**
 * The `pre_tokenizer` of a tokenizer.json. That ByteLevel turns characters into bytes is left to the model.
 *
 * @throws SaeError `unsupported_tokenizer` for a kind not known here, `invalid_tokenizer` for options it does not have
 */
export function compilePreTokenizer(json: unknown): PreTokenizer {
  return json == null ? (words) => words : tokenizerPart("pre_tokenizer", kinds, json);
}
