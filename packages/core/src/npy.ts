/*
 * npy files (NumPy enhancement proposal 1, versions 1.0 to 3.0):
 *
 *   6 bytes   \x93NUMPY
 *   2 bytes   major and minor version
 *   2 or 4    length of the header, little-endian (4 bytes from version 2 on)
 *   header    Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, padded with spaces, newline
 *   rest      the elements
 */

import type { FileHandle } from "node:fs/promises";
import { SaeError } from "./error.js";
import { readAll, readFully, truncated } from "./readBytes.js";
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

/** What the header of an npy file says. */
export interface NpyHeader {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Position in the file of the first element. */
  readonly byteOffset: number;
}

const dtypes: Record<string, StoredDType> = {
  "<f8": "float64",
  "<f4": "float32",
  "<f2": "float16",
  "<i8": "int64",
  "<u8": "uint64",
  "<i4": "int32",
  "<u4": "uint32",
  "<i2": "int16",
  "<u2": "uint16",
  "|i1": "int8",
  "|u1": "uint8",
  "|b1": "bool",
};
const descriptions = Object.fromEntries(Object.entries(dtypes).map(([code, dtype]) => [dtype, code]));

const MAGIC = "\x93NUMPY";
const ALIGNMENT = 64;

/**
 * Reads a whole file.
 *
 * @throws SaeError `file_not_found`, `file_truncated`, `bad_header`, `unsupported_dtype`, `fortran_order`
 */
export async function readNpy(path: string): Promise<StoredArray> {
  return decodeNpy(await readAll(path, "read npy"), `read ${path}`);
}

/**
 * Reads the bytes of a file that is in memory. The array shares that memory where it is aligned for it.
 *
 * @param what first words of error messages
 * @throws SaeError as {@link readNpy}
 */
export function decodeNpy(bytes: Uint8Array, what = "decodeNpy"): StoredArray {
  const { dtype, shape, byteOffset } = decodeNpyHeader(bytes, what);
  const end = byteOffset + elementCount(shape) * bytesPerElement(dtype);
  if (bytes.length < end) throw truncated(what, end, bytes.length);
  return { dtype, shape, data: viewAs(dtype, bytes.subarray(byteOffset, end)) };
}

/**
 * Reads the header of an open file.
 *
 * @param what first words of error messages
 * @throws SaeError `file_truncated` when the file is shorter than its header says, and as {@link readNpy}
 */
export async function readNpyHeader(handle: FileHandle, what: string): Promise<NpyHeader> {
  const { size } = await handle.stat();
  const start = new Uint8Array(Math.min(size, 12));
  await readFully(handle, start, 0, what);
  const [headerStart, headerBytes] = headerSpan(start, what);
  if (size < headerStart + headerBytes) throw truncated(what, headerStart + headerBytes, size);
  const bytes = new Uint8Array(headerStart + headerBytes);
  await readFully(handle, bytes, 0, what);
  const header = decodeNpyHeader(bytes, what);
  const end = header.byteOffset + elementCount(header.shape) * bytesPerElement(header.dtype);
  if (size < end) throw truncated(what, end, size);
  return header;
}

/**
 * Writes a file, atomically.
 *
 * @throws SaeError `shape_mismatch`, `wrong_dtype`, `unsupported_dtype` (bfloat16), and those of {@link writeFileAtomic}
 */
export async function writeNpy(path: string, array: StoredArray): Promise<void> {
  checkArray(`write ${path}`, array);
  await writeFileAtomic(path, [encodeNpyHeader(array.dtype, array.shape), bytesOf(array)]);
}

/**
 * The bytes of a file (version 1.0).
 *
 * @throws SaeError `shape_mismatch`, `wrong_dtype`, `unsupported_dtype` (bfloat16)
 */
export function encodeNpy(array: StoredArray): Uint8Array {
  checkArray("encodeNpy", array);
  return Buffer.concat([encodeNpyHeader(array.dtype, array.shape), bytesOf(array)]);
}

/**
 * The bytes before the elements, for a file that is written piece by piece.
 *
 * @throws SaeError `unsupported_dtype` (bfloat16)
 */
export function encodeNpyHeader(dtype: StoredDType, shape: readonly number[]): Uint8Array {
  const description = descriptions[dtype];
  if (description === undefined) {
    throw new SaeError("unsupported_dtype", `encodeNpy: npy has no ${dtype}; write safetensors instead`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const literal = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = MAGIC.length + 4;
  const length = Math.ceil((start + literal.length + 1) / ALIGNMENT) * ALIGNMENT - start;
  const lengthBytes = String.fromCharCode(length & 255, length >> 8);
  return Buffer.from(`${MAGIC}\x01\x00${lengthBytes}${literal.padEnd(length - 1)}\n`, "latin1");
}

function decodeNpyHeader(bytes: Uint8Array, what: string): NpyHeader {
  const [headerStart, headerBytes] = headerSpan(bytes, what);
  const byteOffset = headerStart + headerBytes;
  if (bytes.length < byteOffset) throw truncated(what, byteOffset, bytes.length);
  const text = Buffer.from(bytes.subarray(headerStart, byteOffset)).toString("utf8");

  const description = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const fortranOrder = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (fortranOrder === undefined || tuple === undefined) {
    throw new SaeError("bad_header", `${what}: needed descr, fortran_order and shape in the npy header, got ${text}`);
  }
  const sizes = tuple.replace(/,\s*$/, "").trim();
  const shape =
    sizes === "" ? [] : sizes.split(",").map((size) => (/^\s*\d+\s*$/.test(size) ? Number(size) : Number.NaN));
  if (!shape.every(Number.isSafeInteger)) {
    throw new SaeError("bad_header", `${what}: needed whole numbers with commas between as the shape, got (${tuple})`);
  }
  const dtype = Object.hasOwn(dtypes, description ?? "") ? dtypes[description as string] : undefined;
  if (dtype === undefined) {
    const known = Object.keys(dtypes).join(", ");
    const got = description ?? "a structured type";
    throw new SaeError("unsupported_dtype", `${what}: needed one of ${known}, got ${got}; convert it with astype`);
  }
  if (fortranOrder === "True" && shape.length > 1) {
    throw new SaeError(
      "fortran_order",
      `${what}: needed row-major order, got fortran_order; save numpy.ascontiguousarray(array)`,
    );
  }
  return { dtype, shape, byteOffset };
}

/** First byte of the header text and its length, from the first 12 bytes of a file. */
function headerSpan(bytes: Uint8Array, what: string): [start: number, length: number] {
  if (bytes.length < 12) throw truncated(what, 12, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (Buffer.from(bytes.subarray(0, 6)).toString("latin1") !== MAGIC) {
    throw new SaeError("bad_header", `${what}: needed an npy file, got other first bytes`);
  }
  const version = view.getUint8(6);
  if (version < 1 || version > 3) {
    throw new SaeError("bad_header", `${what}: needed npy version 1, 2 or 3, got ${version}`);
  }
  return version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
}
