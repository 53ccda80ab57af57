import { SaeError } from "./error.js";
import { decodeBfloat16, decodeFloat16, float16Table } from "./float16.js";

/** Array classes that hold the elements of files. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

const arrayTypes = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** Element type of an array in a file. */
export type StoredDType =
  | "float64"
  | "float32"
  | "float16"
  | "bfloat16"
  | "int64"
  | "uint64"
  | "int32"
  | "uint32"
  | "int16"
  | "uint16"
  | "int8"
  | "uint8"
  | "bool";

/**
 * An array as it stands in a safetensors, npy or npz file: row-major, with the elements in the typed array of the same
 * width. float16 and bfloat16 are their bits in a `Uint16Array` (see {@link toFloat32}); bool is 0 or 1 in a `Uint8Array`.
 */
export interface StoredArray {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Bytes of one element. */
export const bytesPerElement = (dtype: StoredDType): number => arrayTypes[dtype].BYTES_PER_ELEMENT;

/** Number of elements of a shape; 1 for a scalar. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * Little-endian bytes as elements: without a copy where their address allows it.
 *
 * @param bytes a whole number of elements
 */
export function viewAs(dtype: StoredDType, bytes: Uint8Array): TypedArray {
  const ArrayType = arrayTypes[dtype];
  const aligned = bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new ArrayType(aligned.buffer as ArrayBuffer, aligned.byteOffset, bytes.length / ArrayType.BYTES_PER_ELEMENT);
}

/** The bytes of an array, without a copy. */
export const bytesOf = ({ data }: StoredArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * The elements as float32: the same memory when they are float32 already, else a rounded copy.
 *
 * @returns [elementCount(shape)]
 */
export function toFloat32(array: StoredArray): Float32Array {
  const { dtype, data } = array;
  if (data instanceof Float32Array) return data;
  if (dtype === "float16") return decodeFloat16(data as Uint16Array);
  if (dtype === "bfloat16") return decodeBfloat16(data as Uint16Array);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

/**
 * Copies `count` elements from `from` on into `out` from `at` on, as float32.
 *
 * @throws SaeError `unsupported_dtype` unless the elements are floating-point
 */
export type CopyFloats = (from: number, count: number, out: Float32Array, at: number) => void;

/** {@link CopyFloats} of a floating-point array. */
export function floatCopier(dtype: StoredDType, data: TypedArray): CopyFloats {
  if (dtype === "float16") {
    const values = float16Table();
    const bits = data as Uint16Array;
    return (from, count, out, at) => {
      for (let i = 0; i < count; i++) out[at + i] = values[bits[from + i]];
    };
  }
  if (dtype === "bfloat16") {
    const bits = data as Uint16Array;
    return (from, count, out, at) => {
      // Bits are never read as numbers: once onnxruntime runs in this thread, subnormal numbers would become zeros.
      const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
      for (let i = 0; i < count; i++) words[at + i] = bits[from + i] << 16;
    };
  }
  if (data instanceof Float32Array) return (from, count, out, at) => out.set(data.subarray(from, from + count), at);
  if (data instanceof Float64Array) {
    return (from, count, out, at) => {
      for (let i = 0; i < count; i++) out[at + i] = data[from + i];
    };
  }
  throw new SaeError("unsupported_dtype", `floatCopier: needed floating-point elements, got ${dtype}`);
}

/**
 * Checks that an array's data has as many elements as its shape says and is of the type its dtype says.
 *
 * @throws SaeError `shape_mismatch`, `wrong_dtype`
 */
export function checkArray(operation: string, { dtype, shape, data }: StoredArray): void {
  const ArrayType = arrayTypes[dtype];
  if (ArrayType === undefined) {
    const known = Object.keys(arrayTypes).join(", ");
    throw new SaeError("unsupported_dtype", `${operation}: needed one of ${known}, got ${dtype}`);
  }
  if (!(data instanceof ArrayType)) {
    throw new SaeError(
      "wrong_dtype",
      `${operation}: needed a ${ArrayType.name} for ${dtype}, got a ${(data as object).constructor.name}`,
    );
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || elementCount(shape) !== data.length) {
    throw new SaeError(
      "shape_mismatch",
      `${operation}: needed ${elementCount(shape)} elements for shape [${shape.join(", ")}], got ${data.length}`,
    );
  }
}
