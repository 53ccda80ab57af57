import { SaeError } from "@sae/core";
import { characterAlphabet } from "./alphabet.js";
import { byteName } from "./byteLevel.js";
import { popHeap, pushHeap } from "./heap.js";
import { compilePattern } from "./pattern.js";

/** Options of `trainBpe`. */
export interface BpeTrainingOptions {
  /** Tokens of the finished vocabulary: three special ones, 256 bytes, characters, merges. At least 300; fewer when the texts do not give more. */
  readonly size: number;
  /** Share of all characters of the texts that get tokens of their own, the frequent ones first; the others become bytes. Default 0.9995. */
  readonly coverage?: number;
  /** How often two neighbours must occur to be merged. Default 2. */
  readonly minCount?: number;
}

/** A tokenizer in the layout of Hugging Face: what belongs into tokenizer.json and tokenizer_config.json. */
export interface TrainedTokenizer {
  readonly json: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Words that no token reaches over: contractions, letters with the space before them, single digits, other signs, line ends with the spaces
 * before them, spaces. Every character is in one.
 */
const wordPattern =
  "'(?:[sdmt]|ll|ve|re)| ?[\\p{L}\\p{M}]+| ?\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const special = ["<unk>", "<s>", "</s>"] as const;
const firstByte = special.length;
const firstCharacter = firstByte + 256;

/**
 * Trains a byte pair encoding (Sennrich, Haddow and Birch 2016) with byte fallback, as Llama has it: `<unk>`, `<s>`, `</s>`, 256 bytes, then characters,
 * then merges of the most frequent neighbours, of equally frequent ones those met first in the most frequent words. Spaces stay spaces and nothing is
 * put before the text, so that decoding gives back every well-formed text exactly. The result depends on the texts, not on their order.
 *
 * The files load with `huggingFaceTokenizer` and with the Python and Rust library from version 0.20 on.
 *
 * @throws SaeError `invalid_option` for a size below 300
 */
export async function trainBpe(
  texts: Iterable<string> | AsyncIterable<string>,
  { size, coverage = 0.9995, minCount = 2 }: BpeTrainingOptions,
): Promise<TrainedTokenizer> {
  if (!Number.isInteger(size) || size < 300) {
    throw new SaeError("invalid_option", `trainBpe: needed a whole size of at least 300, got ${size}; raise it`);
  }
  const counted = await countWords(texts);
  const pieces: string[] = [...special, ...Array.from({ length: 256 }, (_, byte) => byteName(byte))];
  pieces.push(...frequentCharacters(counted, coverage, Math.floor((size - firstCharacter) / 2)));
  const merges = learnMerges(counted, pieces, size, Math.max(1, minCount));
  return { json: tokenizerJson(pieces, merges), config: tokenizerConfig };
}

/** Words with their counts, the most frequent first. */
async function countWords(texts: Iterable<string> | AsyncIterable<string>): Promise<[string, number][]> {
  const pattern = compilePattern({ Regex: wordPattern });
  const counts = new Map<string, number>();
  for await (const text of texts) {
    for (const [word] of text.matchAll(pattern)) {
      const count = counts.get(word);
      // A slice would keep its document in memory; a copy does not.
      if (count === undefined) counts.set(JSON.parse(JSON.stringify(word)), 1);
      else counts.set(word, count + 1);
    }
  }
  return [...counts].sort(byCountThenText);
}

const byCountThenText = ([a, m]: [string, number], [b, n]: [string, number]) => n - m || (a < b ? -1 : 1);

/** The characters that make up the share `coverage` of all, at most `most`. */
function frequentCharacters(words: readonly [string, number][], coverage: number, most: number): string[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const [word, count] of words) {
    for (const character of word) {
      if (/\p{Surrogate}/u.test(character)) continue; // half a character
      counts.set(character, (counts.get(character) ?? 0) + count);
      total += count;
    }
  }
  const chosen: string[] = [];
  let covered = 0;
  for (const [character, count] of [...counts].sort(byCountThenText)) {
    if (chosen.length === most || covered >= coverage * total) break;
    chosen.push(character);
    covered += count;
  }
  return chosen;
}

/** A word while merges are learned. */
interface Word {
  readonly count: number;
  symbols: number[];
}

/** Two neighbours. */
interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Words it was seen in; it may be gone from some. */
  readonly words: Word[];
}

/**
 * Merges until the vocabulary has `size` pieces, appending to `pieces`. Counts are kept up to date word by word; a heap holds how often each pair
 * occurred when its count last rose, and what has become rarer since is put back with its new count when it comes up.
 */
function learnMerges(
  counted: readonly [string, number][],
  pieces: string[],
  size: number,
  minCount: number,
): [string, string][] {
  const idOf = new Map(pieces.map((piece, id) => [piece, id]));
  const alphabet = characterAlphabet(
    (codePoint) => idOf.get(String.fromCodePoint(codePoint)),
    (utf8) => utf8.map((byte) => firstByte + byte),
  );
  const pairs: Pair[] = [];
  const indexOf = new Map<number, number>(); // left · 2²⁴ + right → place in pairs
  const heap: number[] = []; // −count · 2²² + place: the most frequent first, of equal ones the earliest
  const places = 2 ** 22;
  const offer = (index: number) => pushHeap(heap, -pairs[index].count * places + index);
  const change = (word: Word, by: number, risen: Set<number>, only?: number) => {
    const { symbols } = word;
    for (let at = 0; at + 1 < symbols.length; at++) {
      const [left, right] = [symbols[at], symbols[at + 1]];
      if (left < firstCharacter || right < firstCharacter) continue; // bytes are no pieces of text
      const key = left * 2 ** 24 + right;
      let index = indexOf.get(key);
      if (index === undefined) {
        index = pairs.length;
        indexOf.set(key, index);
        pairs.push({ left, right, count: 0, words: [] });
      }
      pairs[index].count += by;
      if (by < 0 || (only !== undefined && left !== only && right !== only)) continue;
      pairs[index].words.push(word);
      risen.add(index);
    }
  };

  const risen = new Set<number>();
  for (const [text, count] of counted) change({ count, symbols: alphabet(text).ids }, count, risen);
  for (const index of risen) offer(index);

  const merges: [string, string][] = [];
  while (pieces.length < size && heap.length > 0) {
    const key = popHeap(heap);
    const index = ((key % places) + places) % places;
    const pair = pairs[index];
    const was = (index - key) / places;
    if (pair.count !== was) {
      if (pair.count > 0 && pair.count < was) offer(index);
      continue;
    }
    if (pair.count < minCount) break;
    const piece = pieces[pair.left] + pieces[pair.right];
    merges.push([pieces[pair.left], pieces[pair.right]]);
    let merged = idOf.get(piece);
    if (merged === undefined) {
      merged = pieces.length;
      pieces.push(piece);
      idOf.set(piece, merged);
    }
    risen.clear();
    for (const word of new Set(pair.words)) {
      change(word, -word.count, risen);
      word.symbols = mergeIn(word.symbols, pair, merged);
      change(word, word.count, risen, merged);
    }
    pair.words.length = 0;
    for (const changed of risen) offer(changed);
  }
  return merges;
}

function mergeIn(symbols: readonly number[], { left, right }: Pair, merged: number): number[] {
  const out: number[] = [];
  for (let at = 0; at < symbols.length; at++) {
    if (symbols[at] === left && symbols[at + 1] === right) {
      out.push(merged);
      at++;
    } else {
      out.push(symbols[at]);
    }
  }
  return out;
}

function tokenizerJson(pieces: readonly string[], merges: readonly [string, string][]): Record<string, unknown> {
  const [unknown, bos] = special;
  const begin = { SpecialToken: { id: bos, type_id: 0 } };
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: "Split", pattern: { Regex: wordPattern }, behavior: "Isolated", invert: false },
    post_processor: {
      type: "TemplateProcessing",
      single: [begin, sequence("A", 0)],
      pair: [begin, sequence("A", 0), sequence("B", 1)],
      special_tokens: { [bos]: { id: bos, ids: [special.indexOf(bos)], tokens: [bos] } },
    },
    decoder: { type: "Sequence", decoders: [{ type: "ByteFallback" }, { type: "Fuse" }] },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: unknown,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges,
    },
  };
}

const tokenizerConfig = {
  tokenizer_class: "PreTrainedTokenizerFast",
  bos_token: "<s>",
  eos_token: "</s>",
  unk_token: "<unk>",
  add_bos_token: true,
  clean_up_tokenization_spaces: false,
};
