import { findAddedTokens } from "./addedTokens.js";
import { applyEdits, originalRange, replaceUnit, unaligned } from "./alignedText.js";
import { characterAlphabet } from "./alphabet.js";
import { bpeModel, neighboursIn, type TokenRun } from "./bpeModel.js";
import { byteOfName } from "./byteLevel.js";
import { type Merge, type MergeTable, mergeTable } from "./mergeBpe.js";
import type { Tokenizer } from "./tokenizer.js";
import { invalidTokenizer } from "./tokenizerPart.js";
import { type VocabularyEntry, vocabularyTokenizer } from "./vocabularyTokenizer.js";

/** What SentencePiece says of a piece, with its numbers. */
export const pieceType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** A SentencePiece model of byte pair encoding. */
export interface SentencePieceModel {
  /** Pieces by id, with "▁" for the space. */
  readonly tokens: readonly string[];
  /** By id: the piece with the largest goes first. */
  readonly scores: ArrayLike<number>;
  /** By id, `pieceType`. */
  readonly types: ArrayLike<number>;
  readonly bos: number | null;
  readonly eos: number | null;
  /** Token of characters that are in no piece, where there are no byte tokens; null leaves such characters out. */
  readonly unknown: number | null;
  /** Whether a space is put before the text, as all Llamas with such a vocabulary have it. Default true. */
  readonly addSpacePrefix?: boolean;
  /** Default: whether there is a `bos`. */
  readonly addsBos?: boolean;
}

/**
 * A SentencePiece tokenizer (Kudo and Richardson 2018): of all neighbours that together are a piece, those with the best score are merged first, of
 * equal ones the leftmost; characters in no piece become byte tokens. "▁" in a text is a space, as it is for SentencePiece itself. Names of
 * control tokens in a text are text; user-defined pieces are found before anything is merged. Pieces marked as unused are never made.
 *
 * @throws SaeError `invalid_tokenizer` when the lists differ in length
 */
export function sentencePieceTokenizer(model: SentencePieceModel): Tokenizer {
  const { tokens, scores, types, bos, eos, unknown, addSpacePrefix = true, addsBos = bos !== null } = model;
  if (scores.length !== tokens.length || types.length !== tokens.length) {
    throw invalidTokenizer(
      `needed a score and a type for ${tokens.length} tokens, got ${scores.length}, ${types.length}`,
    );
  }
  const entries = tokens.map((token, id): VocabularyEntry => {
    if (types[id] === pieceType.byte) {
      const byte = byteOfName(token);
      if (byte === null) throw invalidTokenizer(`token ${id} is said to be a byte, but named ${JSON.stringify(token)}`);
      return { kind: "byte", byte };
    }
    const isText = types[id] === pieceType.normal || types[id] === pieceType.userDefined;
    return isText ? { kind: "text", text: token.replaceAll("▁", " ") } : { kind: "special", name: token };
  });
  const encodeWord = scoredBpe(model, entries);
  const findUserDefined = findAddedTokens(
    tokens.flatMap((token, id) => {
      if (types[id] !== pieceType.userDefined) return [];
      const content = token.replaceAll(" ", "▁");
      return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: true, special: false }];
    }),
  );

  return vocabularyTokenizer({
    entries,
    bos,
    eos,
    addsBos,
    leadingSpaces: addSpacePrefix ? 1 : 0,
    encodeText(text) {
      const prefix = addSpacePrefix && text !== "" ? [{ start: 0, end: 0, content: "▁" }] : [];
      const spaced = applyEdits(replaceUnit(unaligned(text), " ", "▁"), prefix);
      const out: TokenRun = { ids: [], starts: [], ends: [] };
      findUserDefined(
        spaced.text,
        (id, start, end) => {
          out.ids.push(id);
          out.starts.push(start);
          out.ends.push(end);
        },
        (start, end) => encodeWord(spaced.text, start, end, out),
      );
      for (let index = 0; index < out.ids.length; index++) {
        [out.starts[index], out.ends[index]] = originalRange(spaced, out.starts[index], out.ends[index]);
      }
      return out;
    },
  });

  function scoredBpe({ scores }: SentencePieceModel, entries: readonly VocabularyEntry[]) {
    const normal = tokens.flatMap((_, id) => (types[id] === pieceType.normal ? [id] : []));
    const bytes = new Int32Array(256).fill(-1);
    for (const [id, entry] of entries.entries()) if (entry.kind === "byte") bytes[entry.byte] = id;
    const fallback = (utf8: readonly number[]) =>
      utf8.every((byte) => bytes[byte] >= 0) ? utf8.map((byte) => bytes[byte]) : [unknown ?? -1];
    const { symbols, leftOver, table } = scoredMerges(
      normal.map((id) => ({ id, piece: tokens[id], score: scores[id] })),
      tokens.length,
      fallback,
    );
    return bpeModel({
      alphabet: characterAlphabet((codePoint) => symbols.get(codePoint), fallback),
      table,
      leftOver,
      mayJoin: neighboursIn(normal.map((id) => tokens[id])),
      fused: unknown,
    });
  }
}

interface ScoredMerges {
  /** Symbol of each character that is in a piece. */
  readonly symbols: ReadonlyMap<number, number>;
  /** Tokens of characters that are in pieces, but are none themselves. */
  readonly leftOver: ReadonlyMap<number, readonly number[]>;
  readonly table: MergeTable;
}

/**
 * Merges of a vocabulary with scores: every way to put a piece together from two smaller ones. Characters that are no piece themselves get
 * symbols from `firstFree` on, because a merge can still begin with them.
 */
function scoredMerges(
  pieces: readonly { readonly id: number; readonly piece: string; readonly score: number }[],
  firstFree: number,
  fallback: (utf8: readonly number[]) => readonly number[],
): ScoredMerges {
  const idOf = new Map(pieces.map(({ piece, id }) => [piece, id]));
  const symbols = new Map<number, number>();
  const leftOver = new Map<number, readonly number[]>();
  let free = firstFree;
  for (const { piece } of pieces) {
    for (const character of piece) {
      const codePoint = character.codePointAt(0) as number;
      if (symbols.has(codePoint)) continue;
      const known = idOf.get(character);
      symbols.set(codePoint, known ?? free);
      if (known !== undefined) continue;
      idOf.set(character, free);
      leftOver.set(free++, fallback([...new TextEncoder().encode(character)]));
    }
  }
  const ranks = new Map(
    [...new Set(pieces.map(({ score }) => score))].sort((a, b) => b - a).map((s, rank) => [s, rank]),
  );
  const merges: Merge[] = [];
  for (const { id, piece, score } of pieces) {
    for (let cut = 1; cut < piece.length; cut++) {
      const [left, right] = [idOf.get(piece.slice(0, cut)), idOf.get(piece.slice(cut))];
      if (left === undefined || right === undefined) continue;
      merges.push({ left, right, merged: id, priority: ranks.get(score) as number });
    }
  }
  return { symbols, leftOver, table: mergeTable(merges) };
}
