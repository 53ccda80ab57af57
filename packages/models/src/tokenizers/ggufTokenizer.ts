import { z } from "zod";
import { byteOfName } from "./byteLevel.js";
import { huggingFaceTokenizer } from "./huggingFaceTokenizer.js";
import { gpt2Pattern } from "./preTokenizer.js";
import { pieceType, sentencePieceTokenizer } from "./sentencePieceTokenizer.js";
import type { Tokenizer } from "./tokenizer.js";
import { parseTokenizer, unsupportedTokenizer } from "./tokenizerPart.js";

const list = <T>(what: string) =>
  z.custom<ArrayLike<T>>((value) => Array.isArray(value) || ArrayBuffer.isView(value), `needed a list of ${what}`);
const id = z
  .union([z.int(), z.bigint().transform(Number)])
  .nullish()
  .transform((value) => value ?? null);

const metadataSchema = z.object({
  "tokenizer.ggml.model": z.string(),
  "tokenizer.ggml.pre": z.string().optional(),
  "tokenizer.ggml.tokens": list<string>("strings"),
  "tokenizer.ggml.scores": list<number>("numbers").optional(),
  "tokenizer.ggml.token_type": list<number>("numbers").optional(),
  "tokenizer.ggml.merges": list<string>("strings").optional(),
  "tokenizer.ggml.bos_token_id": id,
  "tokenizer.ggml.eos_token_id": id,
  "tokenizer.ggml.unknown_token_id": id,
  "tokenizer.ggml.add_bos_token": z.boolean().optional(),
  "tokenizer.ggml.add_space_prefix": z.boolean().optional(),
});
type Metadata = z.infer<typeof metadataSchema>;

const isolated = (regex: string) => ({ type: "Split", pattern: { Regex: regex }, behavior: "Isolated" });

/** Expressions that cut a text into words by `tokenizer.ggml.pre`, as llama.cpp (llama-vocab.cpp) lists them. */
const wordPatterns: Readonly<Record<string, readonly string[]>> = {
  "gpt-2": [gpt2Pattern],
  "llama-bpe": [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ],
  default: [
    "[\\p{P}\\$\\+<=>\\^~\\|]+",
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
    "\\p{N}+",
    "[0-9][0-9][0-9]",
  ],
};

/**
 * The tokenizer in the metadata of a GGUF file, by its `tokenizer.ggml.*` keys: SentencePiece (`llama`) or byte pair encoding over bytes (`gpt2`)
 * with the words of gpt-2, llama-bpe or default. What the file leaves out is as in llama.cpp: SentencePiece with a begin token and a space
 * before the text, bytes without (with it for llama-bpe); without `tokenizer.ggml.pre` the words are the default ones.
 *
 * @param metadata keys and values of the file's header; lists may be typed arrays
 * @throws SaeError `unsupported_tokenizer` for another model or another `pre`, `invalid_tokenizer` for missing or malformed keys
 */
export function ggufTokenizer(metadata: Readonly<Record<string, unknown>>): Tokenizer {
  const parsed = parseTokenizer(metadataSchema, metadata, "GGUF metadata");
  const model = parsed["tokenizer.ggml.model"];
  if (model === "llama") return sentencePiece(parsed);
  if (model === "gpt2") return byteLevel(parsed);
  throw unsupportedTokenizer("tokenizer.ggml.model of llama, gpt2", model);
}

function sentencePiece(metadata: Metadata): Tokenizer {
  const tokens = Array.from(metadata["tokenizer.ggml.tokens"]);
  const scores = metadata["tokenizer.ggml.scores"];
  if (!scores) throw unsupportedTokenizer("tokenizer.ggml.scores beside the model llama", "none");
  const bos = metadata["tokenizer.ggml.bos_token_id"] ?? 1;
  const eos = metadata["tokenizer.ggml.eos_token_id"] ?? 2;
  const unknown = metadata["tokenizer.ggml.unknown_token_id"] ?? 0;
  return sentencePieceTokenizer({
    tokens,
    scores,
    types: metadata["tokenizer.ggml.token_type"] ?? tokens.map(guessType),
    bos,
    eos,
    unknown,
    addSpacePrefix: metadata["tokenizer.ggml.add_space_prefix"] ?? true,
    addsBos: metadata["tokenizer.ggml.add_bos_token"] ?? true,
  });

  /** What older files leave out. */
  function guessType(token: string, index: number): number {
    if (index === unknown) return pieceType.unknown;
    if (index === bos || index === eos) return pieceType.control;
    return byteOfName(token) === null ? pieceType.normal : pieceType.byte;
  }
}

function byteLevel(metadata: Metadata): Tokenizer {
  const pre = metadata["tokenizer.ggml.pre"] ?? "default";
  if (!Object.hasOwn(wordPatterns, pre)) {
    throw unsupportedTokenizer(`tokenizer.ggml.pre of ${Object.keys(wordPatterns).join(", ")}`, pre);
  }
  const tokens = Array.from(metadata["tokenizer.ggml.tokens"]);
  const types = metadata["tokenizer.ggml.token_type"] ?? tokens.map(() => pieceType.normal);
  const name = (token: number | null) => (token === null ? null : tokens[token]);
  const added = tokens.flatMap((content, index) => {
    if (types[index] === pieceType.normal) return [];
    return [{ id: index, content, special: types[index] !== pieceType.userDefined }];
  });
  return huggingFaceTokenizer(
    {
      added_tokens: added,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          ...wordPatterns[pre].map(isolated),
          { type: "ByteLevel", add_prefix_space: false, use_regex: false },
        ],
      },
      decoder: { type: "ByteLevel" },
      model: {
        type: "BPE",
        vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
        merges: Array.from(metadata["tokenizer.ggml.merges"] ?? []),
        ignore_merges: pre === "llama-bpe",
      },
    },
    {
      bos_token: name(metadata["tokenizer.ggml.bos_token_id"]),
      eos_token: name(metadata["tokenizer.ggml.eos_token_id"]),
      add_bos_token: metadata["tokenizer.ggml.add_bos_token"] ?? pre === "llama-bpe",
    },
  );
}
