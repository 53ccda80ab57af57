import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { SaeError } from "@sae/core";

/** How bytes are characters. */
export type TextEncoding = "utf-8" | "latin1";

const READ_BYTES = 2 ** 18;

/**
 * The bytes of a file in pieces; of a file ending in `.gz` what is packed in it. Memory: a few pieces.
 *
 * @throws SaeError `file_not_found`, `bad_gzip`, `read_failed`
 */
export async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  // pipeline hands the file's errors on, and closes the file when the reader leaves early
  const bytes = path.endsWith(".gz") ? pipeline(file, createGunzip({ chunkSize: READ_BYTES }), () => {}) : file;
  try {
    for await (const piece of bytes) yield piece;
  } catch (cause) {
    throw readError(path, cause);
  }
}

/**
 * The text of a file in pieces, cut anywhere. Bytes that are no UTF-8 become U+FFFD; a byte order mark is dropped.
 *
 * @throws SaeError as `fileBytes`
 */
export async function* fileText(path: string, encoding: TextEncoding): AsyncGenerator<string> {
  if (encoding === "latin1") {
    // not TextDecoder, whose "latin1" is windows-1252
    for await (const piece of fileBytes(path)) yield piece.toString("latin1");
    return;
  }
  const decoder = new TextDecoder("utf-8");
  for await (const piece of fileBytes(path)) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** The error of reading a file, by what the system said. */
export function readError(path: string, cause: unknown): SaeError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return new SaeError("file_not_found", `read ${path}: no such file; check the path`, { cause });
  if (code === "Z_DATA_ERROR" || code === "Z_BUF_ERROR") {
    return new SaeError("bad_gzip", `read ${path}: needed a whole gzip file, got "${message}"; fetch it again`, {
      cause,
    });
  }
  return new SaeError("read_failed", `read ${path}: ${message}`, { cause });
}
