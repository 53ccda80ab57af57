/*
 * safetensors files, https://huggingface.co/docs/safetensors (format section):
 *
 *   8 bytes  length N of the header, little-endian
 *   N bytes  JSON {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {"key": "value"}}
 *   rest     the elements, row-major and little-endian; offsets count from here and cover it without gap or overlap
 */

import { SaeError } from "./error.js";
import { openToRead, readFully, truncated } from "./readBytes.js";
import {
  bytesOf,
  bytesPerElement,
  checkArray,
  elementCount,
  type StoredArray,
  type StoredDType,
  viewAs,
} from "./storedArray.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

/** Arrays by name, and the free text of the header. */
export interface Safetensors {
  readonly tensors: Record<string, StoredArray>;
  readonly metadata: Record<string, string>;
}

/** Where one array stands in a file. */
export interface SafetensorsEntry {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Position in the file of the first byte. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A safetensors file of which only the header has been read. */
export interface SafetensorsReader {
  readonly entries: Record<string, SafetensorsEntry>;
  readonly metadata: Record<string, string>;
  /**
   * Reads one array.
   *
   * @throws SaeError `tensor_not_found`, `file_truncated`
   */
  read(name: string): Promise<StoredArray>;
  /** Closes the file. */
  close(): Promise<void>;
}

const dtypes: Record<string, StoredDType> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  U64: "uint64",
  I32: "int32",
  U32: "uint32",
  I16: "int16",
  U16: "uint16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};
const codes = Object.fromEntries(Object.entries(dtypes).map(([code, dtype]) => [dtype, code]));

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000; // the limit of the format's own readers

/**
 * Reads a whole file.
 *
 * @throws SaeError `file_not_found`, `file_truncated`, `bad_header`, `duplicate_key`, `unsupported_dtype`, `bad_offsets`
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const reader = await openSafetensors(path);
  try {
    const tensors: [string, StoredArray][] = [];
    for (const name of Object.keys(reader.entries)) tensors.push([name, await reader.read(name)]);
    return { tensors: Object.fromEntries(tensors), metadata: reader.metadata };
  } finally {
    await reader.close();
  }
}

/**
 * Reads the header of a file; the arrays are read one by one when asked for. Close it when done.
 *
 * @throws SaeError as {@link readSafetensors}
 */
export async function openSafetensors(path: string): Promise<SafetensorsReader> {
  const what = `read ${path}`;
  const handle = await openToRead(path, "read safetensors");
  try {
    const { size } = await handle.stat();
    const length = new Uint8Array(LENGTH_BYTES);
    await readFully(handle, length, 0, what);
    const header = new Uint8Array(headerBytes(length, size, what));
    await readFully(handle, header, LENGTH_BYTES, what);
    const { entries, metadata } = parseHeader(header, size, what);
    return {
      entries,
      metadata,
      async read(name) {
        if (!Object.hasOwn(entries, name)) {
          const names = Object.keys(entries).join(", ");
          throw new SaeError("tensor_not_found", `${what}: needed tensor ${name}, got only ${names}`);
        }
        const entry = entries[name];
        const bytes = new Uint8Array(entry.byteLength);
        await readFully(handle, bytes, entry.byteOffset, what);
        return { dtype: entry.dtype, shape: entry.shape, data: viewAs(entry.dtype, bytes) };
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads the bytes of a file that is in memory. The arrays share that memory where it is aligned for them.
 *
 * @throws SaeError as {@link readSafetensors}
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const what = "decodeSafetensors";
  const header = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes(bytes, bytes.length, what));
  const { entries, metadata } = parseHeader(header, bytes.length, what);
  const tensors = Object.entries(entries).map(([name, { dtype, shape, byteOffset, byteLength }]) => {
    const data = viewAs(dtype, bytes.subarray(byteOffset, byteOffset + byteLength));
    return [name, { dtype, shape, data }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/**
 * Writes a file, atomically. The bytes depend on the content alone, not on the order of the names.
 *
 * @throws SaeError `shape_mismatch`, `wrong_dtype`, and those of {@link writeFileAtomic}
 */
export async function writeSafetensors(
  path: string,
  tensors: Record<string, StoredArray>,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFileAtomic(path, pieces(tensors, metadata, `write ${path}`));
}

/**
 * The bytes of a file.
 *
 * @throws SaeError `shape_mismatch`, `wrong_dtype`
 */
export function encodeSafetensors(
  tensors: Record<string, StoredArray>,
  metadata: Record<string, string> = {},
): Uint8Array {
  return Buffer.concat(pieces(tensors, metadata, "encodeSafetensors"));
}

function pieces(tensors: Record<string, StoredArray>, metadata: Record<string, string>, what: string): Uint8Array[] {
  // widest elements first, so that every array is aligned in the file; then by name
  const sorted = Object.entries(tensors).sort(
    ([a, left], [b, right]) => bytesPerElement(right.dtype) - bytesPerElement(left.dtype) || compareText(a, b),
  );
  const header: [string, unknown][] = [];
  const keys = Object.keys(metadata).sort(compareText);
  if (keys.length > 0) header.push(["__metadata__", Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  let begin = 0;
  for (const [name, array] of sorted) {
    checkArray(`${what}: tensor ${name}`, array);
    const end = begin + array.data.byteLength;
    header.push([name, { dtype: codes[array.dtype], shape: array.shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const members = header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${members.join(",")}}`);
  const padded = new Uint8Array(LENGTH_BYTES + Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text, LENGTH_BYTES);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - LENGTH_BYTES), true);
  return [padded, ...sorted.map(([, array]) => bytesOf(array))];
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Length of the header, from the first 8 bytes of a file. */
function headerBytes(bytes: Uint8Array, fileBytes: number, what: string): number {
  if (fileBytes < LENGTH_BYTES) throw truncated(what, LENGTH_BYTES, fileBytes);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw badHeader(what, `needed a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`);
  }
  if (LENGTH_BYTES + length > fileBytes) throw truncated(what, LENGTH_BYTES + length, fileBytes);
  return length;
}

function parseHeader(header: Uint8Array, fileBytes: number, what: string): Omit<SafetensorsReader, "read" | "close"> {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(header);
    json = JSON.parse(text);
  } catch (cause) {
    throw badHeader(what, `needed JSON, got "${(cause as Error).message}"`);
  }
  if (!isObject(json)) throw badHeader(what, "needed a JSON object");
  rejectDuplicateKeys(text, what);

  const dataOffset = LENGTH_BYTES + header.length;
  const { __metadata__: metadata = {}, ...rest } = json;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw badHeader(what, "needed __metadata__ to hold text only");
  }
  const entries = Object.entries(rest).map(([name, info]) => [name, parseEntry(name, info, dataOffset, what)] as const);
  checkLayout(entries, dataOffset, fileBytes, what);
  return { entries: Object.fromEntries(entries), metadata: metadata as Record<string, string> };
}

function parseEntry(name: string, info: unknown, dataOffset: number, what: string): SafetensorsEntry {
  const { dtype: code, shape, data_offsets: offsets } = isObject(info) ? info : {};
  if (typeof code !== "string" || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw badHeader(what, `needed dtype, shape and data_offsets of tensor ${name}, got ${JSON.stringify(info)}`);
  }
  if (!Object.hasOwn(dtypes, code)) {
    const known = Object.keys(dtypes).join(", ");
    throw new SaeError("unsupported_dtype", `${what}: tensor ${name}: needed one of ${known}, got ${code}`);
  }
  const dtype = dtypes[code];
  const [begin, end] = offsets;
  const byteLength = elementCount(shape) * bytesPerElement(dtype);
  if (end - begin !== byteLength) {
    throw new SaeError(
      "bad_offsets",
      `${what}: tensor ${name}: needed ${byteLength} bytes for ${code} [${shape.join(", ")}], got ${end - begin}`,
    );
  }
  return { dtype, shape, byteOffset: dataOffset + begin, byteLength };
}

/** The arrays must follow each other without gap or overlap, to the end of the file. */
function checkLayout(
  entries: readonly (readonly [string, SafetensorsEntry])[],
  dataOffset: number,
  fileBytes: number,
  what: string,
): void {
  const inOrder = entries.toSorted(([, a], [, b]) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  let end = dataOffset;
  for (const [name, { byteOffset, byteLength }] of inOrder) {
    if (byteOffset !== end) {
      const kind = byteOffset < end ? "an overlap" : "a gap";
      throw new SaeError(
        "bad_offsets",
        `${what}: tensor ${name}: needed data offset ${end - dataOffset}, got ${byteOffset - dataOffset} (${kind})`,
      );
    }
    end += byteLength;
  }
  if (end > fileBytes) throw truncated(what, end, fileBytes);
  if (end < fileBytes) {
    throw new SaeError(
      "bad_offsets",
      `${what}: needed the tensors to end at byte ${fileBytes} of the file, got ${end}`,
    );
  }
}

/**
 * `JSON.parse` keeps the last of several equal keys; a file with such a header says two things about one tensor.
 *
 * @param json valid JSON
 */
function rejectDuplicateKeys(json: string, what: string): void {
  const keysOfOpenObjects: Set<string>[] = [];
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]/g;
  for (const [text, colon] of json.matchAll(token)) {
    if (text === "{") keysOfOpenObjects.push(new Set());
    else if (text === "}") keysOfOpenObjects.pop();
    else if (colon !== undefined) {
      const keys = keysOfOpenObjects.at(-1) as Set<string>;
      const name = JSON.parse(text.slice(0, -colon.length)) as string;
      if (keys.has(name)) throw new SaeError("duplicate_key", `${what}: needed distinct names, got ${name} twice`);
      keys.add(name);
    }
  }
}

const badHeader = (what: string, detail: string): SaeError =>
  new SaeError("bad_header", `${what}: ${detail}; this is no safetensors file`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
