import { z } from "zod";
import { type AlignedText, applyEdits, type Edit, replaceUnit } from "./alignedText.js";
import { compilePattern, patternSchema } from "./pattern.js";
import { tokenizerPart } from "./tokenizerPart.js";

/** Changes a text before it is cut into words, keeping track of what stands for what. */
export type Normalizer = (text: AlignedText) => AlignedText;

type Form = "NFC" | "NFD" | "NFKC" | "NFKD";

/**
 * What may be composed with, or reordered after, the character before it: marks, the vowels and final consonants of Hangul, vowels of Kirat Rai, and
 * what compatibility forms turn into such (Thai and Lao AM, jamo for old codes, halfwidth forms). A normal form can be taken of each run that
 * begins with another character.
 */
const joinsPrevious =
  "\\p{M}\\u1160-\\u11FF\\uD7B0-\\uD7FB\\u{16D63}-\\u{16D6A}\\u0E33\\u0EB3\\u3131-\\u318E\\uFF9E-\\uFFDC";
const runs = new RegExp(`[^${joinsPrevious}]?[${joinsPrevious}]*`, "gu");

/** A Unicode normal form. The marks on a character belong to it: all units that come of such a run stand for the whole run. */
export function normalizeUnicode(aligned: AlignedText, form: Form): AlignedText {
  const { text } = aligned;
  const whole = text.normalize(form);
  if (whole === text) return aligned;
  const edits: Edit[] = [];
  for (const { 0: run, index } of text.matchAll(runs)) {
    const content = run.normalize(form);
    if (content !== run) edits.push(smallestEdit(index, run, content));
  }
  const result = applyEdits(aligned, edits);
  // Should a later Unicode compose what stands in two of these runs, everything stands for everything, which is coarse but true.
  return result.text === whole ? result : applyEdits(aligned, [{ start: 0, end: text.length, content: whole }]);
}

/** `run` becomes `content`, without the characters that are the same at the start and at the end. */
function smallestEdit(index: number, run: string, content: string): Edit {
  const [from, to] = [[...run], [...content]];
  let same = 0;
  while (same < from.length && from[same] === to[same]) same++;
  let tail = 0;
  while (tail < Math.min(from.length, to.length) - same && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  const start = index + from.slice(0, same).join("").length;
  const end = start + from.slice(same, from.length - tail).join("").length;
  return { start, end, content: to.slice(same, to.length - tail).join("") };
}

/** Character by character as the Rust library does it; JavaScript's own rule for a whole text knows the final sigma. */
function lowercase(aligned: AlignedText): AlignedText {
  if (aligned.text.toLowerCase() === aligned.text) return aligned;
  return replaceMatches(aligned, /\p{Changes_When_Lowercased}/gu, (character) => character.toLowerCase());
}

function replaceMatches(aligned: AlignedText, pattern: RegExp, content: (match: string) => string): AlignedText {
  const edits: Edit[] = [];
  for (const { 0: match, index } of aligned.text.matchAll(pattern)) {
    if (match.length > 0) edits.push({ start: index, end: index + match.length, content: content(match) });
  }
  return applyEdits(aligned, edits);
}

const kinds: Record<string, (json: unknown) => Normalizer> = {
  Sequence: (json) => {
    const steps = z
      .object({ normalizers: z.array(z.unknown()) })
      .parse(json)
      .normalizers.map(compileNormalizer);
    return (text) => steps.reduce((value, step) => step(value), text);
  },
  NFC: () => (text) => normalizeUnicode(text, "NFC"),
  NFD: () => (text) => normalizeUnicode(text, "NFD"),
  NFKC: () => (text) => normalizeUnicode(text, "NFKC"),
  NFKD: () => (text) => normalizeUnicode(text, "NFKD"),
  Lowercase: () => lowercase,
  StripAccents: () => (text) => replaceMatches(text, /\p{M}/gu, () => ""),
  Strip: (json) => {
    const { strip_left, strip_right } = z.object({ strip_left: z.boolean(), strip_right: z.boolean() }).parse(json);
    return (text) => {
      const left = strip_left ? replaceMatches(text, /^\p{White_Space}+/gu, () => "") : text;
      return strip_right ? replaceMatches(left, /(?<!\p{White_Space})\p{White_Space}+$/gu, () => "") : left;
    };
  },
  Prepend: (json) => {
    const content = z.object({ prepend: z.string() }).parse(json).prepend;
    return (text) => (text.text === "" ? text : applyEdits(text, [{ start: 0, end: 0, content }]));
  },
  Replace: (json) => {
    const { pattern, content } = z.object({ pattern: patternSchema, content: z.string() }).parse(json);
    if ("String" in pattern && pattern.String.length === 1 && content.length === 1) {
      return (text) => replaceUnit(text, pattern.String, content);
    }
    const expression = compilePattern(pattern);
    return (text) => replaceMatches(text, expression, () => content);
  },
};

/**
 * The `normalizer` of a tokenizer.json.
 *
 * @throws SaeError `unsupported_tokenizer` for a kind not known here, `invalid_tokenizer` for options it does not have
 */
export function compileNormalizer(json: unknown): Normalizer {
  return json == null ? (text) => text : tokenizerPart("normalizer", kinds, json);
}
