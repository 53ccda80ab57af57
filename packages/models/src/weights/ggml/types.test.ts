import { createHash } from "node:crypto";
import { encodeBfloat16, encodeFloat16, fillUniform, key } from "@sae/core";
import { describe, expect, test } from "vitest";
import { blockOf } from "./ggmlBlocks.testkit.js";
import type { GgmlType } from "./ggmlType.js";
import { iq2xxsGrid } from "./iq2xxsGrid.js";
import { ggmlTypes } from "./types.js";

const typeOf = (name: string): GgmlType => ggmlTypes.find((type) => type.name === name) as GgmlType;
const valuesOf = (type: GgmlType, blocks: Uint8Array): Float32Array => {
  const out = new Float32Array((blocks.length / type.blockBytes) * type.blockValues);
  type.dequantize(blocks, out);
  return out;
};
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("names and numbers are distinct", () => {
  expect(new Set(ggmlTypes.map(({ name }) => name)).size).toBe(14);
  expect(new Set(ggmlTypes.map(({ id }) => id)).size).toBe(14);
});

test.each(ggmlTypes.map((type) => [type.name, type] as const))("%s: no block, no value", (_, type) => {
  expect(valuesOf(type, new Uint8Array(0))).toEqual(new Float32Array(0));
});

describe("plain numbers", () => {
  const numbers = Float32Array.of(0, -0, 1, -2.5, 65504, 2 ** -24);
  test("F32", () => {
    expect(valuesOf(typeOf("F32"), new Uint8Array(numbers.buffer))).toEqual(numbers);
  });
  test("F16", () => {
    expect(valuesOf(typeOf("F16"), new Uint8Array(encodeFloat16(numbers).buffer))).toEqual(numbers);
  });
  test("BF16", () => {
    const exact = Float32Array.of(0, -0, 1, -2.5, 65280, 2 ** -24, -(2 ** 100), Number.POSITIVE_INFINITY);
    expect(valuesOf(typeOf("BF16"), new Uint8Array(encodeBfloat16(exact).buffer))).toEqual(exact);
  });
});

describe("blocks put together value by value", () => {
  test.each(Object.keys(blockOf))("%s", (name) => {
    const type = typeOf(name);
    const { blockValues, blockBytes } = type;
    const random = fillUniform(key(name), new Float32Array(3 * 3 * 256)).map((value) => Math.floor(value * 256));
    const numbers = [0, 1, 2].map((n) => random.subarray(n * 3 * 256, (n + 1) * 3 * 256));
    const contents = [
      ...numbers.map((row) => ({
        level: (i: number) => row[i],
        scale: (i: number) => row[256 + i],
        minimum: (i: number) => row[512 + i],
      })),
      { level: () => 0, scale: () => 0, minimum: () => 0 },
      { level: () => 255, scale: () => 255, minimum: () => 255 },
    ];
    const [d, m] = encodeFloat16([0.0371, -1.43]);
    const blocks = contents.map((content) => blockOf[name]({ ...content, d, m }));
    const bytes = Buffer.concat(blocks.map((block) => block.bytes));
    expect(bytes.length).toBe(contents.length * blockBytes);
    expect(blocks.flatMap(({ values }) => values)).toHaveLength(contents.length * blockValues);
    expect(valuesOf(type, bytes)).toEqual(Float32Array.from(blocks.flatMap(({ values }) => values)));
  });
});

describe("worked by hand", () => {
  test("Q4_0: d = 2, the first byte holds value 0 (q = 1) and value 16 (q = 15)", () => {
    const block = new Uint8Array(18).fill(0x88); // q = 8 is 0
    block.set([0x00, 0x40, 0xf1]);
    const values = new Float32Array(32);
    values[0] = 2 * (1 - 8);
    values[16] = 2 * (15 - 8);
    expect(valuesOf(typeOf("Q4_0"), block)).toEqual(values);
  });

  test("Q8_0: d = 0.5, the numbers -128 to 127", () => {
    const block = new Uint8Array(34);
    block.set([0x00, 0x38, 0x80, 0xff, 0x00, 0x01, 0x7f]);
    expect([...valuesOf(typeOf("Q8_0"), block).subarray(0, 5)]).toEqual([-64, -0.5, 0, 0.5, 63.5]);
  });

  test("IQ2_XXS: d = 8, scale 1: d (1/2 + 1) / 4 = 3", () => {
    const block = new Uint8Array(66);
    block.set([0x00, 0x48]); // 8
    // points 0, 2, 1 and 255 of the grid; signs of the second: pattern 5 (values 0 and 2 are minus, two minuses need no eighth);
    // of the third: pattern 64 (value 6 is minus, and so the eighth)
    block.set([0, 2, 1, 255], 2);
    const word = (5 << 7) | (64 << 14) | (1 << 28);
    new DataView(block.buffer).setUint32(6, word, true);
    const magnitudes = [
      [8, 8, 8, 8, 8, 8, 8, 8],
      [-25, 25, -8, 8, 8, 8, 8, 8],
      [43, 8, 8, 8, 8, 8, -8, -8],
      [8, 25, 8, 8, 25, 43, 43, 43],
    ];
    expect([...valuesOf(typeOf("IQ2_XXS"), block).subarray(0, 32)]).toEqual(
      magnitudes.flat().map((value) => 3 * value),
    );
  });

  test("IQ2_XXS: the points of the grid have an even number of coordinates 25 and are in order", () => {
    const grid = iq2xxsGrid();
    const points = Array.from({ length: 256 }, (_, p) => [...grid.subarray(p * 8, p * 8 + 8)]);
    for (const point of points) expect(point.filter((value) => value === 25).length % 2).toBe(0);
    const texts = points.map((point) =>
      point
        .toReversed()
        .map((value) => String(value).padStart(2, "0"))
        .join(),
    );
    expect(texts).toEqual(texts.toSorted());
    expect(new Set(texts).size).toBe(256);
  });
});

/**
 * Five blocks of arithmetic noise, whose float16 numbers are replaced by ordinary ones. The sums are those of the float32 values that the gguf
 * package for Python, 0.19.0, reads from the same bytes (`gguf.quants.dequantize`).
 */
describe("the values that ggml's own Python package reads", () => {
  test.each([
    ["Q4_0", [0], "3f2391fbe9a4f25ffd395730125637dab43d51c28d33325ca69c541885b92a59"],
    ["Q4_1", [0, 2], "7a135adca65dc74eacbf984918dcc4b5a0ae045fbbc1ada1a12c043256d64af5"],
    ["Q5_0", [0], "c80948cbbe4b52ab9fc111620f93cf1720d5fcd7c6e0b77cbf8b17a11f928710"],
    ["Q5_1", [0, 2], "01d3eb622ff6d6c1a5745da85ef872e285dadc62b8c8e03283e87f29c7f1100a"],
    ["Q8_0", [0], "fa89a33900b1fb3c9e9e9b366b14f7df7250fc2a15c15a12deba4dca90c9ffee"],
    ["Q2_K", [80, 82], "95141831c4c7439d5c2ccdd6b2727e2901b633e643afc9f38acf6e9b0919ba29"],
    ["Q3_K", [108], "db29901f0c64a67839d1f2ce7cd50e08d6e052f217cc92259f998294bf327905"],
    ["Q4_K", [0, 2], "a8f7163157d9a45d949afa4c9a1cb5dfa728a63b34d6eedb7fddf7316b89d904"],
    ["Q5_K", [0, 2], "78d35d96f3f62ef5f7ebbe793ee90e8fdc08650884af7218818ff14b71a44876"],
    ["Q6_K", [208], "65ac1dba718ccbf63ace85e5b41afac2c4664e253d475a62ab73ac775b8435ba"],
    ["IQ2_XXS", [0], "0c1d3aebd77e34e8c6f4eded099a27d168e7ad29c75219babfde8d85921d9ff9"],
  ])("%s", (name, float16At, sum) => {
    const type = typeOf(name);
    const blocks = Uint8Array.from({ length: 5 * type.blockBytes }, (_, i) => (i * 197 + (i >> 3) * 41 + 11) & 255);
    for (let block = 0; block < 5; block++) {
      float16At.forEach((at, n) => {
        blocks.set([0x35 + 16 * block, n === 0 ? 0x2c : 0xb1], block * type.blockBytes + at);
      });
    }
    expect(sha256(new Uint8Array(valuesOf(type, blocks).buffer))).toBe(sum);
  });
});
