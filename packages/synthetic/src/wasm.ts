/*
 * Just enough of a WebAssembly assembler to write one loop with SIMD instructions readably. An instruction is its bytes;
 * a function body is a nested list of them, each operation after its operands.
 *
 * Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
 */

/** Bytes of instructions, nested at will. */
export type Code = number | readonly Code[];

const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;

export const get = (local: number): Code => [0x20, unsigned(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];
export const i32 = (value: number): Code => [0x41, signed(value)];
export const add = (a: Code, b: Code): Code => [a, b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [a, b, 0x6b];
export const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
export const shiftLeft = (a: Code, bits: number): Code => [a, i32(bits), 0x74];
export const isZero = (a: Code): Code => [a, 0x45];
export const isAbove = (a: Code, b: Code): Code => [a, b, 0x4b];
export const isAtLeast = (a: Code, b: Code): Code => [a, b, 0x4f];
/** 32-bit word at an address plus a constant. */
export const loadI32 = (address: Code, offset = 0): Code => [address, 0x28, 2, unsigned(offset)];
/** Four floats, all zero. */
export const zeroF32x4: Code = [simd(12), new Array<number>(16).fill(0)];
export const addF32x4 = (a: Code, b: Code): Code => [a, b, simd(228)];
export const multiplyF32x4 = (a: Code, b: Code): Code => [a, b, simd(230)];
/** The float at an address, four times. */
export const splatF32x4 = (address: Code): Code => [address, simd(9), 2, unsigned(0)];
/** Four floats at an address plus a constant. */
export const loadF32x4 = (address: Code, offset: number): Code => [address, simd(0), 2, unsigned(offset)];
export const storeF32x4 = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  simd(11),
  2,
  unsigned(offset),
];
/** Runs `body` again and again until `condition` holds before it. */
export const repeatUntil = (condition: Code, body: Code): Code => [
  [0x02, NO_RESULT, 0x03, NO_RESULT], // block, loop
  [condition, 0x0d, 1], // leave the block
  body,
  [0x0c, 0, 0x0b, 0x0b], // back to the loop; end, end
];

/**
 * Module that imports `host.memory` and exports one function `run` of int32 parameters without result.
 *
 * @param parameters number of int32 parameters: locals 0, 1, ...
 * @param integers number of further int32 locals, after them
 * @param vectors number of 128-bit locals, after those
 */
export function assemble(parameters: number, integers: number, vectors: number, body: Code): Uint8Array<ArrayBuffer> {
  const code = flatten([2, unsigned(integers), I32, unsigned(vectors), V128, body, 0x0b]);
  return Uint8Array.from(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version 1
      section(1, [1, 0x60, unsigned(parameters), new Array<number>(parameters).fill(I32), 0]), // one function type
      section(2, [1, text("host"), text("memory"), 2, 0, 1]), // imported memory of at least one page
      section(3, [1, 0]), // one function, of that type
      section(7, [1, text("run"), 0, 0]), // exported
      section(10, [1, unsigned(code.length), code]),
    ]),
  );
}

function section(id: number, content: Code): Code {
  const bytes = flatten(content);
  return [id, unsigned(bytes.length), bytes];
}

const text = (value: string): Code => [value.length, ...Buffer.from(value)];

function simd(operation: number): Code {
  return [0xfd, unsigned(operation)];
}

/** LEB128: seven bits a byte, lowest first, the top bit set on all but the last. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, signed(value >> 7)];
}

function flatten(code: Code): number[] {
  return typeof code === "number" ? [code] : code.flatMap(flatten);
}
