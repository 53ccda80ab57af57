import { z } from "zod";
import { byteAlphabet, characterAlphabet } from "./alphabet.js";
import { bpeModel, neighboursIn } from "./bpeModel.js";
import { byteCharacters, byteName } from "./byteLevel.js";
import { type Merge, mergeTable } from "./mergeBpe.js";
import { invalidTokenizer } from "./tokenizerPart.js";
import type { VocabularyEntry } from "./vocabularyTokenizer.js";

/** The `model` of a tokenizer.json with byte pair encoding. */
export const bpeSchema = z.object({
  // Hundreds of thousands of entries: looked at once when they are used, not copied by the schema.
  vocab: z.custom<Record<string, number>>((value) => typeof value === "object" && value !== null, "needed an object"),
  merges: z.custom<readonly (string | readonly [string, string])[]>(Array.isArray, "needed a list"),
  unk_token: z.string().nullish(),
  byte_fallback: z.boolean().default(false),
  fuse_unk: z.boolean().default(false),
  ignore_merges: z.boolean().default(false),
  dropout: z.literal([0, null]).optional(),
  continuing_subword_prefix: z.literal(["", null]).optional(),
  end_of_word_suffix: z.literal(["", null]).optional(),
});

/** Byte pair encoding with ranked merges. `byteLevel` pieces are written with one character a byte. */
export function bpeOfJson(
  { vocab, merges, unk_token, byte_fallback, fuse_unk, ignore_merges }: z.infer<typeof bpeSchema>,
  byteLevel: boolean,
  entries: readonly (VocabularyEntry | undefined)[],
) {
  const ids = new Map<string, number>();
  for (const [piece, id] of Object.entries(vocab)) {
    if (!Number.isInteger(id) || id < 0) throw invalidTokenizer(`the id of ${JSON.stringify(piece)} is ${id}`);
    ids.set(piece, id);
  }
  const isText = (id: number) => entries[id]?.kind !== "special";
  const pairs = merges.map((merge, rank) => {
    const [left, right] = typeof merge === "string" ? merge.split(" ") : merge;
    return { left, right, rank };
  });
  const table = mergeTable(
    pairs.map(({ left, right, rank }): Merge => {
      const [l, r, merged] = [ids.get(left), ids.get(right), ids.get(left + right)];
      if (l === undefined || r === undefined || merged === undefined) {
        throw invalidTokenizer(`merge ${rank} (${left} ${right}) has a piece that is not in the vocabulary`);
      }
      return { left: l, right: r, merged, priority: rank };
    }),
  );
  const whole = ignore_merges ? new Map([...ids].filter(([, id]) => isText(id))) : null;
  if (byteLevel) {
    const idOfByte = byteCharacters.map((character) => ids.get(character) ?? -1);
    const wholeText = whole && new Map([...whole].flatMap(([, id]) => textOfBytes(entries[id], id)));
    return bpeModel({ alphabet: byteAlphabet(idOfByte), table, whole: wholeText });
  }

  const idOfCharacter = new Map<number, number>();
  for (const [piece, id] of ids) {
    const codePoint = piece.codePointAt(0);
    if (codePoint === undefined || piece.length !== (codePoint > 0xffff ? 2 : 1) || !isText(id)) continue;
    idOfCharacter.set(codePoint, id);
  }
  const unknown = unk_token == null ? -1 : (ids.get(unk_token) ?? -1);
  const bytes = Array.from({ length: 256 }, (_, byte) => (byte_fallback ? ids.get(byteName(byte)) : undefined));
  const alphabet = characterAlphabet(
    (codePoint) => idOfCharacter.get(codePoint),
    (utf8) => {
      const parts = utf8.map((byte) => bytes[byte] ?? -1);
      return parts.every((id) => id >= 0) ? parts : [unknown];
    },
  );
  return bpeModel({
    alphabet,
    table,
    whole,
    mayJoin: neighboursIn(pairs.map(({ left, right }) => left + right)),
    fused: fuse_unk ? unknown : null,
  });
}

/** The text of a token whose bytes are whole characters. */
function textOfBytes(entry: VocabularyEntry | undefined, id: number): [string, number][] {
  if (entry?.kind !== "bytes") return [];
  try {
    return [[new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(entry.bytes), id]];
  } catch {
    return [];
  }
}
