import { float16Table } from "@sae/core";

/*
 * Blocks put together value by value, each bit at the place that the layout gives it: slow and plain, the other way round from the readers.
 * `level(i)` is the integer stored for value i, `scale(g)` and `minimum(g)` those stored for group g. Every function returns the bytes and the
 * values they stand for.
 */

/** A block and what it says. */
export interface Block {
  readonly bytes: Uint8Array;
  /** Of one block. */
  readonly values: readonly number[];
}

type Stored = (index: number) => number;

/** What is in a block; only what its type stores is used. */
export interface BlockContent {
  /** float16 bits of the scale and of the minimum (or the scale of the minima). */
  readonly d: number;
  readonly m: number;
  /** Unsigned integers, cut to the width of the type. */
  readonly level: Stored;
  readonly scale: Stored;
  readonly minimum: Stored;
}

const float16 = (bits: number): number => float16Table()[bits];

/** Puts the lowest `count` bits of `value` into the bytes from `byte` on, at `bit`. */
function put(bytes: Uint8Array, byte: number, bit: number, value: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = bit + i;
    bytes[byte + (at >> 3)] |= ((value >> i) & 1) << (at & 7);
  }
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const signed8 = (value: number): number => (value & 255) - (value & 128 ? 256 : 0);

/** 32 values of `bits` bits, with or without a minimum: Q4_0, Q4_1, Q5_0, Q5_1. */
function simple(bits: 4 | 5, withMinimum: boolean, { d, m, level }: BlockContent): Block {
  const head = withMinimum ? 4 : 2;
  const low = head + (bits === 5 ? 4 : 0);
  const bytes = new Uint8Array(low + 16);
  put(bytes, 0, 0, d, 16);
  if (withMinimum) put(bytes, 2, 0, m, 16);
  const values = indices(32).map((i) => {
    const q = level(i) & (2 ** bits - 1);
    put(bytes, low + (i % 16), i < 16 ? 0 : 4, q, 4);
    if (bits === 5) put(bytes, head, i, q >> 4, 1);
    return withMinimum ? float16(d) * q + float16(m) : float16(d) * (q - 2 ** (bits - 1));
  });
  return { bytes, values };
}

/** The 12 bytes of scales and minima of Q4_K and Q5_K. */
function putScales(bytes: Uint8Array, at: number, scale: Stored, minimum: Stored): void {
  for (const [first, stored] of [
    [0, scale],
    [4, minimum],
  ] as const) {
    for (let g = 0; g < 4; g++) put(bytes, at + first + g, 0, stored(g), 6);
    for (let g = 4; g < 8; g++) {
      put(bytes, at + first + g - 4, 6, stored(g) >> 4, 2);
      put(bytes, at + 8 + g - 4, first, stored(g), 4);
    }
  }
}

/** Block of each type but F32, F16 and BF16, by ggml's name. */
export const blockOf: Readonly<Record<string, (content: BlockContent) => Block>> = {
  Q4_0: (content) => simple(4, false, content),
  Q4_1: (content) => simple(4, true, content),
  Q5_0: (content) => simple(5, false, content),
  Q5_1: (content) => simple(5, true, content),
  Q8_0: ({ d, level }) => {
    const bytes = new Uint8Array(34);
    put(bytes, 0, 0, d, 16);
    const values = indices(32).map((i) => {
      put(bytes, 2 + i, 0, level(i), 8);
      return float16(d) * signed8(level(i));
    });
    return { bytes, values };
  },
  Q2_K: ({ d, m, level, scale, minimum }) => {
    const bytes = new Uint8Array(84);
    put(bytes, 80, 0, d, 16);
    put(bytes, 82, 0, m, 16);
    for (let g = 0; g < 16; g++) {
      put(bytes, g, 0, scale(g), 4);
      put(bytes, g, 4, minimum(g), 4);
    }
    const values = indices(256).map((i) => {
      const g = Math.floor(i / 16);
      put(bytes, 16 + Math.floor(i / 128) * 32 + (i % 32), 2 * (Math.floor(i / 32) % 4), level(i), 2);
      return float16(d) * (scale(g) & 15) * (level(i) & 3) - float16(m) * (minimum(g) & 15);
    });
    return { bytes, values };
  },
  Q3_K: ({ d, level, scale }) => {
    const bytes = new Uint8Array(110);
    put(bytes, 108, 0, d, 16);
    for (let g = 0; g < 16; g++) {
      put(bytes, 96 + (g % 8), g < 8 ? 0 : 4, scale(g), 4);
      put(bytes, 96 + 8 + (g % 4), 2 * Math.floor(g / 4), scale(g) >> 4, 2);
    }
    const values = indices(256).map((i) => {
      const q = level(i) & 7;
      put(bytes, i % 32, Math.floor(i / 32), q >> 2, 1);
      put(bytes, 32 + Math.floor(i / 128) * 32 + (i % 32), 2 * (Math.floor(i / 32) % 4), q, 2);
      return float16(d) * ((scale(Math.floor(i / 16)) & 63) - 32) * (q - 4);
    });
    return { bytes, values };
  },
  Q4_K: ({ d, m, level, scale, minimum }) => {
    const bytes = new Uint8Array(144);
    put(bytes, 0, 0, d, 16);
    put(bytes, 2, 0, m, 16);
    putScales(bytes, 4, scale, minimum);
    const values = indices(256).map((i) => {
      const g = Math.floor(i / 32);
      put(bytes, 16 + Math.floor(i / 64) * 32 + (i % 32), 4 * (g % 2), level(i), 4);
      return float16(d) * (scale(g) & 63) * (level(i) & 15) - float16(m) * (minimum(g) & 63);
    });
    return { bytes, values };
  },
  Q5_K: ({ d, m, level, scale, minimum }) => {
    const bytes = new Uint8Array(176);
    put(bytes, 0, 0, d, 16);
    put(bytes, 2, 0, m, 16);
    putScales(bytes, 4, scale, minimum);
    const values = indices(256).map((i) => {
      const g = Math.floor(i / 32);
      put(bytes, 16 + (i % 32), g, level(i) >> 4, 1);
      put(bytes, 48 + Math.floor(i / 64) * 32 + (i % 32), 4 * (g % 2), level(i), 4);
      return float16(d) * (scale(g) & 63) * (level(i) & 31) - float16(m) * (minimum(g) & 63);
    });
    return { bytes, values };
  },
  Q6_K: ({ d, level, scale }) => {
    const bytes = new Uint8Array(210);
    put(bytes, 208, 0, d, 16);
    for (let g = 0; g < 16; g++) put(bytes, 192 + g, 0, scale(g), 8);
    const values = indices(256).map((i) => {
      const half = Math.floor(i / 128);
      const q = level(i) & 63;
      put(bytes, half * 64 + (i % 64), i % 128 < 64 ? 0 : 4, q, 4);
      put(bytes, 128 + half * 32 + (i % 32), 2 * (Math.floor(i / 32) % 4), q >> 4, 2);
      return float16(d) * signed8(scale(Math.floor(i / 16))) * (q - 32);
    });
    return { bytes, values };
  },
};
