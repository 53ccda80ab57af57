import type { GgufValue } from "./decodeGgufHeader.js";

/** A value of the metadata and how it is stored. */
export type Typed =
  | readonly ["array", Exclude<ValueType, "array">, readonly GgufValue[]]
  | readonly ["array", "array", readonly Typed[]]
  | readonly [Exclude<ValueType, "array">, GgufValue];

const valueTypes = [
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "float32",
  "bool",
  "string",
  "array",
  "uint64",
  "int64",
  "float64",
] as const;
type ValueType = (typeof valueTypes)[number];

/** A tensor to be written. */
export interface TensorToWrite {
  /** Row-major. */
  readonly shape: readonly number[];
  /** ggml's number of the type. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** What a GGUF file is put together from. */
export interface GgufContent {
  readonly version?: number;
  readonly metadata?: Readonly<Record<string, Typed>>;
  readonly tensors?: Readonly<Record<string, TensorToWrite>>;
  /** Where tensors begin: a multiple of this. `general.alignment` is not written for it. */
  readonly alignment?: number;
}

/** Bytes of a GGUF file. */
export function ggufFile({ version = 3, metadata = {}, tensors = {}, alignment = 32 }: GgufContent): Uint8Array {
  const header: Uint8Array[] = [
    Buffer.from("GGUF"),
    number("uint32", version),
    number("uint64", Object.keys(tensors).length),
    number("uint64", Object.keys(metadata).length),
  ];
  for (const [key, value] of Object.entries(metadata)) header.push(text(key), ...typed(value));
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, type, bytes }] of Object.entries(tensors)) {
    header.push(text(name), number("uint32", shape.length));
    for (const size of shape.toReversed()) header.push(number("uint64", size));
    header.push(number("uint32", type), number("uint64", offset));
    data.push(padded(bytes, alignment));
    offset += padded(bytes, alignment).length;
  }
  return Buffer.concat([padded(Buffer.concat(header), alignment), ...data]);
}

/** A float32 tensor. */
export const float32Tensor = (shape: readonly number[], values: Float32Array): TensorToWrite => ({
  shape,
  type: 0,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

function padded(bytes: Uint8Array, alignment: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / alignment) * alignment);
  out.set(bytes);
  return out;
}

function typed(value: Typed): Uint8Array[] {
  return [number("uint32", valueTypes.indexOf(value[0])), ...stored(value)];
}

function stored(value: Typed): Uint8Array[] {
  if (value[0] !== "array") return [value[0] === "string" ? text(value[1] as string) : number(value[0], value[1])];
  const [, element, list] = value;
  const head = [number("uint32", valueTypes.indexOf(element)), number("uint64", list.length)];
  const items = element === "array" ? (list as Typed[]) : (list as GgufValue[]).map((item): Typed => [element, item]);
  return [...head, ...items.flatMap(stored)];
}

const text = (value: string): Uint8Array =>
  Buffer.concat([number("uint64", Buffer.byteLength(value)), Buffer.from(value)]);

function number(type: ValueType, value: GgufValue): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  const bytes = (size: number): Uint8Array => new Uint8Array(view.buffer, 0, size);
  const small = Number(value);
  if (type === "uint8" || type === "int8" || type === "bool") view.setInt8(0, small);
  else if (type === "uint16" || type === "int16") view.setInt16(0, small, true);
  else if (type === "uint32" || type === "int32") view.setInt32(0, small, true);
  else if (type === "float32") view.setFloat32(0, small, true);
  else if (type === "float64") view.setFloat64(0, small, true);
  else view.setBigInt64(0, BigInt(value as bigint), true);
  return bytes(type.endsWith("8") || type === "bool" ? 1 : type.endsWith("16") ? 2 : type.endsWith("32") ? 4 : 8);
}
