/*
 * The two 16-bit floating-point formats of weight and activation files. JavaScript holds them as their bits in a
 * Uint16Array.
 *
 *   float16   1 sign, 5 exponent, 10 mantissa bits (IEEE 754 binary16)
 *   bfloat16  1 sign, 8 exponent, 7 mantissa bits (the upper half of a float32)
 */

const float32 = new Float32Array(1);
const word = new Uint32Array(float32.buffer);

let table: Float32Array | undefined;

/** Value of every float16 bit pattern, [65536]; built at the first call (256 KiB). */
export function float16Table(): Float32Array {
  if (table === undefined) {
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) table[bits] = float16Value(bits);
  }
  return table;
}

/** Value of one float16. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/**
 * Bits of the float16 nearest to a float32, ties to even; beyond ±65504 (after rounding) infinity.
 *
 * @param value first rounded to float32
 */
export function float16Bits(value: number): number {
  float32[0] = value;
  const bits = word[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and more
  if (magnitude < 0x38800000) {
    // below 2^-14: a multiple of 2^-24, which float64 division and this rounding give exactly
    return sign | roundToEven(Math.abs(float32[0]) * 2 ** 24);
  }
  // move the exponent bias from 127 to 15 and drop 13 mantissa bits; a carry into the exponent is right as it is
  const shifted = magnitude - 0x38000000;
  return sign | ((shifted + 0xfff + ((shifted >>> 13) & 1)) >>> 13);
}

/** Bits of the bfloat16 nearest to a float32, ties to even. */
export function bfloat16Bits(value: number): number {
  float32[0] = value;
  return upperHalf(word[0]);
}

/** Value of one bfloat16. */
export function bfloat16Value(bits: number): number {
  word[0] = bits << 16;
  return float32[0];
}

/** Values of float16 bits, exactly. */
export function decodeFloat16(bits: Uint16Array): Float32Array {
  const values = float16Table();
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = values[bits[i]];
  return out;
}

/** Bits of the nearest float16 of each value; see `float16Bits`. */
export function encodeFloat16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = float16Bits(values[i]);
  return out;
}

/** Values of bfloat16 bits, exactly. */
export function decodeBfloat16(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return out;
}

/** Bits of the nearest bfloat16 of each value; see `bfloat16Bits`. */
export function encodeBfloat16(values: ArrayLike<number>): Uint16Array {
  // Bits are never read as numbers: once onnxruntime runs in this thread, subnormal numbers would become zeros.
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const out = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) out[i] = upperHalf(words[i]);
  return out;
}

/** Upper half of a float32's bits, rounded to the nearest, ties to even. */
function upperHalf(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // NaN stays NaN
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
