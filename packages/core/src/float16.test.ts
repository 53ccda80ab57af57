import { describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import {
  bfloat16Bits,
  bfloat16Value,
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
  float16Bits,
  float16Value,
} from "./float16.js";
import { neg } from "./ops/unary.js";
import { float32 } from "./tensorType.js";

const allBits = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

describe("float16", () => {
  test.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc100, -2.5],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14], // the smallest normal number
    [0x0001, 2 ** -24], // the smallest number
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ])("bits %i are %d", (bits, value) => {
    expect(float16Value(bits)).toBe(value);
    expect(float16Bits(value)).toBe(bits);
  });

  /** What numpy.float32(x).astype(numpy.float16) gives. */
  test.each([
    [0.1, 11878],
    [1 / 3, 13653],
    [65519.99, 31743],
    [65520, 31744], // half way to 65536: infinity
    [1e-8, 0],
    [6e-8, 1],
    [2.9802322387695312e-8, 0], // half of the smallest number: to even, 0
    [2.98023259404089e-8, 1],
    [1e-5, 168],
    [2049, 26624], // half way between 2048 and 2050: to even
    [2051, 26626], // half way between 2050 and 2052: to even
  ])("%d is rounded to bits %i", (value, bits) => {
    expect(float16Bits(value)).toBe(bits);
    expect(float16Bits(-value)).toBe(bits | 0x8000);
  });

  test("every number survives the way to float32 and back", () => {
    const there = decodeFloat16(allBits);
    const back = encodeFloat16(there);
    const changed = allBits.filter((bits) => back[bits] !== bits && !Number.isNaN(there[bits]));
    expect(changed).toEqual(new Uint16Array(0));
    expect(allBits.every((bits) => Number.isNaN(float16Value(back[bits])) === Number.isNaN(there[bits]))).toBe(true);
  });
});

describe("bfloat16", () => {
  test.each([
    [0x0000, 0],
    [0x3f80, 1],
    [0xc020, -2.5],
    [0x7f80, Number.POSITIVE_INFINITY],
    [0x4049, 3.140625],
  ])("bits %i are %d", (bits, value) => {
    expect(bfloat16Value(bits)).toBe(value);
    expect(bfloat16Bits(value)).toBe(bits);
  });

  test("rounding is to the nearest, ties to even", () => {
    expect(bfloat16Bits(1 + 2 ** -8)).toBe(0x3f80); // half way between 1 and 1 + 2^-7
    expect(bfloat16Bits(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(bfloat16Bits(Number.NaN)).toBe(0x7fc0);
  });

  test("every number survives the way to float32 and back", () => {
    const there = decodeBfloat16(allBits);
    const back = encodeBfloat16(there);
    const changed = allBits.filter((bits) => back[bits] !== bits && !Number.isNaN(there[bits]));
    expect(changed).toEqual(new Uint16Array(0));
    expect(allBits.every((bits) => Number.isNaN(bfloat16Value(back[bits])) === Number.isNaN(there[bits]))).toBe(true);
  });

  test("subnormal ones, too, once onnxruntime has made these zeros in this thread", async () => {
    const program = await compile({ x: float32(1) }, ({ x }) => ({ y: neg(x) }));
    await program.dispose();
    expect(Float64Array.of(2 ** -1022)[0] / 2).toBe(0);
    expect(encodeBfloat16(decodeBfloat16(allBits.subarray(0, 128)))).toEqual(allBits.subarray(0, 128));
  });
});
