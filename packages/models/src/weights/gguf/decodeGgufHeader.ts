/*
 * GGUF files, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), little-endian:
 *
 *   4 bytes      GGUF
 *   uint32       version
 *   uint64 × 2   number of tensors, number of metadata entries
 *   metadata     for each: key (string), type (uint32), value; a string is its length (uint64) and UTF-8 bytes, an array the type of its elements
 *                (uint32), their number (uint64) and the elements
 *   tensors      for each: name (string), number of dimensions (uint32), dimensions (uint64, the one whose elements are neighbours first),
 *                ggml type (uint32), offset (uint64)
 *   data         from the next multiple of general.alignment (32) on; offsets count from there
 */
import { SaeError } from "@sae/core";

/** A value of the metadata. 64-bit integers are numbers while those are exact. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** What the header says of a tensor. */
export interface GgufTensorInfo {
  /** Row-major, as everywhere else: the last dimension's elements are neighbours. */
  readonly shape: readonly number[];
  /** Number of its ggml type. */
  readonly type: number;
  /** Position of its first byte, counted from the start of the data. */
  readonly offset: number;
}

/** The header of a file. */
export interface GgufHeader {
  readonly version: number;
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>;
  /** Position in the file of the first byte of the data. */
  readonly dataOffset: number;
  /** What all positions of tensors are multiples of. */
  readonly alignment: number;
}

const MAX_DIMENSIONS = 4;
const MAX_NESTING = 8;
const outOfBytes = new Error("the bytes end inside the header");

/**
 * The header of a file, from its first bytes.
 *
 * @param what first words of error messages
 * @returns undefined when the header goes on after these bytes
 * @throws SaeError `bad_header`, `unsupported_version`
 */
export function decodeGgufHeader(bytes: Uint8Array, what: string): GgufHeader | undefined {
  try {
    return decode(bytes, what);
  } catch (error) {
    if (error === outOfBytes) return undefined;
    throw error;
  }
}

function decode(bytes: Uint8Array, what: string): GgufHeader {
  const cursor = cursorOf(bytes, what);
  const magic = cursor.text(4);
  if (magic !== "GGUF") throw badHeader(what, `needed "GGUF" at the start, got ${JSON.stringify(magic)}`);
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) {
    const swapped = version > 0xffff ? " (a big-endian file)" : "";
    throw new SaeError(
      "unsupported_version",
      `${what}: needed GGUF version 2 or 3, got ${version}${swapped}; convert the model again with a current llama.cpp`,
    );
  }
  const tensorCount = cursor.count();
  const entryCount = cursor.count();

  const metadata: Record<string, GgufValue> = Object.create(null);
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.string();
    if (key in metadata) throw badHeader(what, `needed distinct keys, got ${key} twice`);
    metadata[key] = cursor.value(cursor.uint32(), key);
  }

  const tensors = new Map<string, GgufTensorInfo>();
  for (let i = 0; i < tensorCount; i++) {
    const name = cursor.string();
    if (tensors.has(name)) throw badHeader(what, `needed distinct tensors, got ${name} twice`);
    const dimensions = cursor.uint32();
    if (dimensions > MAX_DIMENSIONS) {
      throw badHeader(what, `tensor ${name}: needed at most ${MAX_DIMENSIONS} dimensions, got ${dimensions}`);
    }
    const shape = Array.from({ length: dimensions }, () => cursor.count()).reverse();
    tensors.set(name, { shape, type: cursor.uint32(), offset: cursor.count() });
  }

  const alignment = metadata["general.alignment"] ?? 32;
  if (typeof alignment !== "number" || !Number.isSafeInteger(alignment) || alignment < 1) {
    throw badHeader(what, `needed a positive general.alignment, got ${alignment}`);
  }
  const dataOffset = Math.ceil(cursor.position() / alignment) * alignment;
  return { version, metadata, tensors, dataOffset, alignment };
}

/** Reads one thing after another. */
function cursorOf(bytes: Uint8Array, what: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder();
  let at = 0;
  /** Position of the next `size` bytes, which are then behind. */
  const take = (size: number): number => {
    if (at + size > bytes.length) throw outOfBytes;
    at += size;
    return at - size;
  };
  const exact = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
  const uint32 = (): number => view.getUint32(take(4), true);
  const count = (): number => {
    const value = Number(view.getBigUint64(take(8), true));
    if (!Number.isSafeInteger(value)) throw badHeader(what, `needed a count, got ${value}`);
    return value;
  };
  const text = (size: number): string => utf8.decode(bytes.subarray(take(size), at));
  const string = (): string => text(count());

  function value(type: number, key: string, depth = 0): GgufValue {
    switch (type) {
      case 0:
        return view.getUint8(take(1));
      case 1:
        return view.getInt8(take(1));
      case 2:
        return view.getUint16(take(2), true);
      case 3:
        return view.getInt16(take(2), true);
      case 4:
        return uint32();
      case 5:
        return view.getInt32(take(4), true);
      case 6:
        return view.getFloat32(take(4), true);
      case 7:
        return view.getUint8(take(1)) !== 0;
      case 8:
        return string();
      case 9: {
        if (depth === MAX_NESTING)
          throw badHeader(what, `${key}: needed at most ${MAX_NESTING} nested arrays, got more`);
        const elementType = uint32();
        const length = count();
        const elements: GgufValue[] = [];
        for (let i = 0; i < length; i++) elements.push(value(elementType, key, depth + 1));
        return elements;
      }
      case 10:
        return exact(view.getBigUint64(take(8), true));
      case 11:
        return exact(view.getBigInt64(take(8), true));
      case 12:
        return view.getFloat64(take(8), true);
      default:
        throw badHeader(what, `${key}: needed a value type from 0 to 12, got ${type}`);
    }
  }
  return { uint32, count, text, string, value, position: () => at };
}

const badHeader = (what: string, detail: string): SaeError =>
  new SaeError("bad_header", `${what}: ${detail}; this is no whole GGUF file`);
