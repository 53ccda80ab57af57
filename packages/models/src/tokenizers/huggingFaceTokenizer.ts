import { z } from "zod";
import { type AddedToken, addedTokenSchema, findAddedTokens } from "./addedTokens.js";
import { type AlignedText, originalRange, unaligned } from "./alignedText.js";
import type { TokenRun } from "./bpeModel.js";
import { byteOfName, bytesOfPiece } from "./byteLevel.js";
import { compileDecoder } from "./decoder.js";
import { bpeOfJson, bpeSchema } from "./huggingFaceBpe.js";
import { compileNormalizer } from "./normalizer.js";
import { compilePreTokenizer } from "./preTokenizer.js";
import type { Tokenizer } from "./tokenizer.js";
import { invalidTokenizer, parseTokenizer, unsupportedTokenizer } from "./tokenizerPart.js";
import { type VocabularyEntry, vocabularyTokenizer } from "./vocabularyTokenizer.js";

const tokenizerSchema = z.object({
  added_tokens: z.array(addedTokenSchema).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
  model: z.looseObject({ type: z.string().default("BPE") }),
});

const tokenName = z
  .union([z.string(), z.object({ content: z.string() })])
  .nullish()
  .transform((token) => (typeof token === "object" && token !== null ? token.content : (token ?? null)));

const configSchema = z.object({ bos_token: tokenName, eos_token: tokenName, add_bos_token: z.boolean().nullish() });

/**
 * The tokenizer that a tokenizer.json describes: byte pair encoding over bytes (GPT-2, Pythia, Llama 3) or over characters with "▁" for the
 * space (Llama 2, Gemma), with its normaliser and pre-tokeniser.
 *
 * Offsets point into the text as it was given, whatever the normaliser does to it; a space that the tokenizer puts before the text has none, so
 * that a token which is only that space is empty. The names of special tokens in a text are text: what someone wrote cannot begin or end a
 * document. Other added tokens (runs of spaces in Gemma's vocabulary) are found. Nothing is put after a text, also where the file says so.
 *
 * @param json the parsed tokenizer.json
 * @param config the parsed tokenizer_config.json: `bos_token`, `eos_token`, and `add_bos_token`, which counts more than the post-processor
 * @throws SaeError `invalid_tokenizer`; `unsupported_tokenizer` for models other than BPE and for parts not known here
 */
export function huggingFaceTokenizer(json: unknown, config: unknown = {}): Tokenizer {
  const { model, ...parts } = parseTokenizer(tokenizerSchema, json, "tokenizer.json");
  const names = parseTokenizer(configSchema, config ?? {}, "tokenizer_config.json");
  if (model.type !== "BPE") throw unsupportedTokenizer("a model of type BPE", model.type);
  const bpe = parseTokenizer(bpeSchema, model, "tokenizer.json, model");
  const decoder = compileDecoder(parts.decoder);
  const byteLevel = decoder.byteLevel || isByteLevel(parts.pre_tokenizer);

  const entries: (VocabularyEntry | undefined)[] = [];
  for (const [piece, id] of Object.entries(bpe.vocab)) entries[id] = pieceEntry(piece);
  for (const { id, content, special } of parts.added_tokens) {
    entries[id] = special ? { kind: "special", name: content } : { kind: "text", text: decoder.text(content) };
  }
  function pieceEntry(piece: string): VocabularyEntry {
    const bytes = byteLevel ? bytesOfPiece(piece) : null;
    if (bytes) return { kind: "bytes", bytes };
    const byte = bpe.byte_fallback ? byteOfName(piece) : null;
    return byte === null ? { kind: "text", text: decoder.text(piece) } : { kind: "byte", byte };
  }

  const idOf = (name: string | null) => {
    if (name === null) return null;
    const id = parts.added_tokens.find(({ content }) => content === name)?.id ?? bpe.vocab[name];
    if (id === undefined) throw invalidTokenizer(`tokenizer_config.json names ${name}, which is in no vocabulary`);
    entries[id] = { kind: "special", name };
    return id;
  };
  const first = firstOfTemplate(parts.post_processor);
  const eos = idOf(names.eos_token);
  const bos = idOf(names.bos_token ?? first);
  const addsBos = names.add_bos_token ?? first !== null;
  if (addsBos && bos === null) throw invalidTokenizer("add_bos_token is set, but there is no bos_token");
  if (bpe.unk_token != null && bpe.vocab[bpe.unk_token] !== undefined) {
    entries[bpe.vocab[bpe.unk_token]] = { kind: "special", name: bpe.unk_token };
  }

  return vocabularyTokenizer({
    entries,
    bos,
    eos,
    addsBos,
    leadingSpaces: decoder.leadingSpaces,
    encodeText: textEncoder({
      added: parts.added_tokens.filter(({ special }) => !special),
      normalize: compileNormalizer(parts.normalizer),
      preTokenize: compilePreTokenizer(parts.pre_tokenizer),
      encodeWord: bpeOfJson(bpe, byteLevel, entries),
    }),
  });
}

interface TextEncoderParts {
  readonly added: readonly AddedToken[];
  readonly normalize: ReturnType<typeof compileNormalizer>;
  readonly preTokenize: ReturnType<typeof compilePreTokenizer>;
  readonly encodeWord: ReturnType<typeof bpeOfJson>;
}

/** Added tokens are taken out of the text, then the rest is normalised, cut into words and encoded, as the Rust library does it. */
function textEncoder({ added, normalize, preTokenize, encodeWord }: TextEncoderParts): (text: string) => TokenRun {
  const findRaw = findAddedTokens(added.filter(({ normalized }) => !normalized));
  const findNormalized = findAddedTokens(
    added
      .filter(({ normalized }) => normalized)
      .map((token) => ({ ...token, content: normalize(unaligned(token.content)).text })),
  );
  return (text) => {
    const out: TokenRun = { ids: [], starts: [], ends: [] };
    const add = (id: number, start: number, end: number) => {
      out.ids.push(id);
      out.starts.push(start);
      out.ends.push(end);
    };
    const words: TokenRun = { ids: [], starts: [], ends: [] };
    const encodeWords = (section: AlignedText, start: number, end: number, base: number) => {
      const first = base === 0 && start === 0;
      const { text: cut, ranges } = preTokenize({ text: section, ranges: [start, end] }, first);
      for (const list of Object.values(words)) list.length = 0;
      for (let index = 0; index < ranges.length; index += 2) {
        encodeWord(cut.text, ranges[index], ranges[index + 1], words);
      }
      for (const [index, id] of words.ids.entries()) {
        const [from, to] = originalRange(cut, words.starts[index], words.ends[index]);
        add(id, base + from, base + to);
      }
    };
    findRaw(text, add, (base, stop) => {
      const section = normalize(unaligned(text.slice(base, stop)));
      findNormalized(
        section.text,
        (id, start, end) => {
          const [from, to] = originalRange(section, start, end);
          add(id, base + from, base + to);
        },
        (start, end) => encodeWords(section, start, end, base),
      );
    });
    return out;
  };
}

const partSchema = z.looseObject({
  type: z.string(),
  processors: z.array(z.unknown()).default([]),
  pretokenizers: z.array(z.unknown()).default([]),
  single: z.array(z.looseObject({ SpecialToken: z.object({ id: z.string() }).optional() })).default([]),
});

/** The special token that a post-processor puts before a text. */
function firstOfTemplate(json: unknown): string | null {
  if (json == null) return null;
  const { type, processors, single } = parseTokenizer(partSchema, json, "tokenizer.json, post_processor");
  if (type === "TemplateProcessing") return single[0]?.SpecialToken?.id ?? null;
  if (type === "Sequence") return processors.map(firstOfTemplate).find((token) => token !== null) ?? null;
  if (type === "ByteLevel") return null;
  throw unsupportedTokenizer("a post_processor of TemplateProcessing, ByteLevel, Sequence", type);
}

function isByteLevel(json: unknown): boolean {
  if (json == null) return false;
  const { type, pretokenizers } = parseTokenizer(partSchema, json, "tokenizer.json, pre_tokenizer");
  return type === "ByteLevel" || pretokenizers.some(isByteLevel);
}
