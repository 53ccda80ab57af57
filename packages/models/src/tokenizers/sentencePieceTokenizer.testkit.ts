import { byteName } from "./byteLevel.js";
import { pieceType, type SentencePieceModel } from "./sentencePieceTokenizer.js";

/**
 * SentencePiece's merging in plain words, over texts instead of numbers: of all neighbours whose text together is a piece, the pair with the best
 * score becomes one, the leftmost of equals; then pieces become ids and the rest bytes or the unknown.
 */
export function plainSentencePiece(model: SentencePieceModel, text: string): number[] {
  const { tokens, scores, types, unknown, addSpacePrefix = true } = model;
  const pieces = new Map(tokens.flatMap((token, id) => (types[id] === pieceType.normal ? [[token, id] as const] : [])));
  const spaced = `${addSpacePrefix && text !== "" ? " " : ""}${text}`
    .replaceAll(" ", "▁")
    .replace(/\p{Surrogate}/gu, "\ufffd");
  const parts = [...spaced];
  for (;;) {
    let best = -1;
    for (let at = 0; at + 1 < parts.length; at++) {
      const id = pieces.get(parts[at] + parts[at + 1]);
      if (id === undefined) continue;
      const bestId = best < 0 ? undefined : pieces.get(parts[best] + parts[best + 1]);
      if (bestId === undefined || scores[id] > scores[bestId]) best = at;
    }
    if (best < 0) break;
    parts.splice(best, 2, parts[best] + parts[best + 1]);
  }
  const ids: number[] = [];
  for (const part of parts) {
    const id = pieces.get(part);
    const bytes = [...new TextEncoder().encode(part)].map((byte) =>
      tokens.findIndex((token, index) => types[index] === pieceType.byte && token === byteName(byte)),
    );
    if (id !== undefined) ids.push(id);
    else if (bytes.every((byte) => byte >= 0)) ids.push(...bytes);
    else if (unknown !== null && ids.at(-1) !== unknown) ids.push(unknown); // unknown neighbours are one
  }
  return ids;
}
