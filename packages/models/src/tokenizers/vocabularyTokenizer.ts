import { SaeError } from "@sae/core";
import type { TokenRun } from "./bpeModel.js";
import { byteName } from "./byteLevel.js";
import type { Encoding, Tokenizer } from "./tokenizer.js";

/** What a token of a vocabulary stands for. */
export type VocabularyEntry =
  /** `name` is what people read. */
  | { readonly kind: "special"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  /** Bytes of UTF-8 that need not be whole characters. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** One byte of a character that has no token of its own. */
  | { readonly kind: "byte"; readonly byte: number };

/** What a tokenizer is made of. */
export interface TokenizerParts {
  /** By id. Ids that mean nothing are left out. */
  readonly entries: readonly (VocabularyEntry | undefined)[];
  readonly bos: number | null;
  readonly eos: number | null;
  readonly addsBos: boolean;
  /** Spaces at the start of a text that were not in the original, and are taken away again. */
  readonly leadingSpaces: number;
  /** Tokens of a text with their places in it, without special tokens. */
  readonly encodeText: (text: string) => TokenRun;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A tokenizer made of a vocabulary and a way to encode. */
export function vocabularyTokenizer(parts: TokenizerParts): Tokenizer {
  const { entries, bos, eos, addsBos, leadingSpaces, encodeText } = parts;
  const special = new Set(entries.flatMap((entry, id) => (entry?.kind === "special" ? [id] : [])));
  const bytesOf: (Uint8Array | undefined)[] = [];
  const bytes = (id: number): Uint8Array => {
    bytesOf[id] ??= entryBytes(entries[id]);
    return bytesOf[id];
  };

  return {
    dVocab: entries.length,
    bos,
    eos,
    special,
    addsBos,
    encode(text, options): Encoding {
      const { ids, starts, ends } = encodeText(text);
      const offsets = starts.map((start, index) => [start, ends[index]] as const);
      if (!(options?.bos ?? addsBos)) return { ids, offsets };
      if (bos === null) {
        throw new SaeError("no_bos_token", "encode: needed a token that begins a text, got none; leave `bos` out");
      }
      return { ids: [bos, ...ids], offsets: [[0, 0], ...offsets] };
    },
    decode(ids): string {
      let length = 0;
      for (const id of ids) length += bytes(id).length;
      const all = new Uint8Array(length);
      let at = 0;
      for (const id of ids) {
        all.set(bytes(id), at);
        at += bytes(id).length;
      }
      let start = 0;
      while (start < leadingSpaces && all[start] === 0x20) start++;
      return decoder.decode(all.subarray(start));
    },
    tokenText(id): string {
      const entry = entries[id];
      if (!entry) return `<token ${id}>`;
      if (entry.kind === "special") return entry.name;
      if (entry.kind === "text") return entry.text;
      return entry.kind === "byte" ? byteName(entry.byte) : readable(entry.bytes);
    },
  };
}

function entryBytes(entry: VocabularyEntry | undefined): Uint8Array {
  if (!entry || entry.kind === "special") return new Uint8Array();
  if (entry.kind === "text") return encoder.encode(entry.text);
  return entry.kind === "byte" ? Uint8Array.of(entry.byte) : entry.bytes;
}

const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Whole characters as they are, other bytes by name. */
function readable(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at];
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    try {
      text += strict.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += byteName(lead);
      at++;
    }
  }
  return text;
}
