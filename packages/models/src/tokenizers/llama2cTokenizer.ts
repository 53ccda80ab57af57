import { readFile } from "node:fs/promises";
import { SaeError } from "@sae/core";
import { byteOfName } from "./byteLevel.js";
import { pieceType, sentencePieceTokenizer } from "./sentencePieceTokenizer.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * Reads a tokenizer.bin of llama2.c: an int32 (length of the longest piece), then for each piece a float32 score, an int32 length and that many bytes,
 * little-endian. Piece 0 is the unknown, 1 begins a text, 2 ends it; pieces named `<0x..>` are bytes. The file writes spaces as spaces.
 *
 * @throws SaeError `file_not_found`, `read_failed`; `file_truncated` when the last piece is not complete
 */
export async function llama2cTokenizer(path: string): Promise<Tokenizer> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new SaeError("file_not_found", `llama2cTokenizer: no file ${path}; check the path`, { cause });
    }
    throw new SaeError("read_failed", `llama2cTokenizer: ${path}: ${message}`, { cause });
  }
  const tokens: string[] = [];
  const scores: number[] = [];
  for (let at = 4; at < file.length; ) {
    const end = at + 8 <= file.length ? at + 8 + file.readInt32LE(at + 4) : Number.POSITIVE_INFINITY;
    if (end > file.length || end < at + 8) {
      throw new SaeError(
        "file_truncated",
        `llama2cTokenizer ${path}: piece ${tokens.length} does not fit into ${file.length} bytes; fetch the file again`,
      );
    }
    scores.push(file.readFloatLE(at));
    tokens.push(file.toString("utf8", at + 8, end));
    at = end;
  }
  const types = tokens.map((token, id) => {
    if (id < 3) return id === 0 ? pieceType.unknown : pieceType.control;
    return byteOfName(token) === null ? pieceType.normal : pieceType.byte;
  });
  return sentencePieceTokenizer({
    tokens: tokens.map((token, id) => (id < 3 ? token.trim() : token.replaceAll(" ", "▁"))), // "\n<s>\n" in the file
    scores,
    types,
    bos: 1,
    eos: 2,
    unknown: 0,
  });
}
