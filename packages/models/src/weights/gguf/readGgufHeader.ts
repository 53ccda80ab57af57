import type { FileHandle } from "node:fs/promises";
import { readFully, SaeError, truncated } from "@sae/core";
import { ggmlTypes } from "../ggml/types.js";
import { decodeGgufHeader, type GgufHeader } from "./decodeGgufHeader.js";

const FIRST_BYTES = 1 << 20;
const MAX_BYTES = 1 << 28; // the largest vocabularies make about 20 MB

/**
 * The header of an open file, whose tensors are found to be inside the file and of types that can be read.
 *
 * @param what first words of error messages
 * @throws SaeError `bad_header`, `unsupported_version`, `unsupported_dtype`, `file_truncated`
 */
export async function readGgufHeader(handle: FileHandle, what: string): Promise<GgufHeader> {
  const { size } = await handle.stat();
  for (let length = FIRST_BYTES; ; length *= 4) {
    const bytes = new Uint8Array(Math.min(length, size));
    await readFully(handle, bytes, 0, what);
    const header = decodeGgufHeader(bytes, what);
    if (header !== undefined) {
      checkTensors(header, size, what);
      return header;
    }
    if (bytes.length === size) {
      throw new SaeError(
        "file_truncated",
        `${what}: the header goes on after the ${size} bytes of the file; fetch it again`,
      );
    }
    if (length >= MAX_BYTES) {
      throw new SaeError(
        "bad_header",
        `${what}: needed a header of at most ${MAX_BYTES} bytes; this is no whole GGUF file`,
      );
    }
  }
}

/** Bytes of a tensor. */
export function tensorBytes(shape: readonly number[], type: number): number {
  const { blockValues, blockBytes } = ggmlTypes.find(({ id }) => id === type) as (typeof ggmlTypes)[number];
  return (shape.reduce((product, n) => product * n, 1) / blockValues) * blockBytes;
}

function checkTensors({ tensors, dataOffset, alignment }: GgufHeader, fileBytes: number, what: string): void {
  let end = dataOffset;
  for (const [name, { shape, type: id, offset }] of tensors) {
    const type = ggmlTypes.find((candidate) => candidate.id === id);
    if (type === undefined) {
      const known = ggmlTypes.map((candidate) => candidate.name).join(", ");
      throw new SaeError(
        "unsupported_dtype",
        `${what}: tensor ${name}: needed one of ${known}, got ggml type ${id}; use another quantisation of the model`,
      );
    }
    const width = shape.at(-1) ?? 1;
    if (width % type.blockValues !== 0 || offset % alignment !== 0) {
      throw new SaeError(
        "bad_header",
        `${what}: tensor ${name}: needed rows of whole blocks of ${type.blockValues} values at a multiple of ${alignment} bytes, ` +
          `got [${shape.join(", ")}] at ${offset}; this is no whole GGUF file`,
      );
    }
    end = Math.max(end, dataOffset + offset + tensorBytes(shape, id));
  }
  if (end > fileBytes) throw truncated(what, end, fileBytes);
}
