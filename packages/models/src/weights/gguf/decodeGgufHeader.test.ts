import { describe, expect, test } from "vitest";
import { decodeGgufHeader } from "./decodeGgufHeader.js";
import { float32Tensor, ggufFile, type Typed } from "./ggufFile.testkit.js";

const decode = (bytes: Uint8Array) => decodeGgufHeader(bytes, "test");

test("a file with nothing in it", () => {
  const header = decode(ggufFile({}));
  expect({ ...header, metadata: { ...header?.metadata } }).toEqual({
    version: 3,
    metadata: {},
    tensors: new Map(),
    dataOffset: 32,
    alignment: 32,
  });
});

test.each([2, 3])("every type of value, version %i", (version) => {
  const bytes = ggufFile({
    version,
    metadata: {
      a: ["uint8", 255],
      b: ["int8", -128],
      c: ["uint16", 65535],
      d: ["int16", -32768],
      e: ["uint32", 4_294_967_295],
      f: ["int32", -2_147_483_648],
      g: ["float32", 0.1],
      h: ["bool", true],
      i: ["string", "größe ▁"],
      j: ["uint64", 2 ** 53 - 1],
      k: ["int64", -(2n ** 63n)],
      l: ["float64", 0.1],
      "m.words": ["array", "string", ["", "▁the", "\n"]],
      "m.scores": ["array", "float32", [-1.5, 0]],
      "m.none": ["array", "int32", []],
      "m.nested": [
        "array",
        "array",
        [
          ["array", "bool", [true, false]],
          ["array", "uint64", [2n ** 64n - 1n, 7n]],
        ],
      ],
    },
  });
  expect({ ...decode(bytes)?.metadata }).toEqual({
    a: 255,
    b: -128,
    c: 65535,
    d: -32768,
    e: 4_294_967_295,
    f: -2_147_483_648,
    g: Math.fround(0.1),
    h: true,
    i: "größe ▁",
    j: 2 ** 53 - 1, // exact
    k: -(2n ** 63n), // not exact as a number
    l: 0.1,
    "m.words": ["", "▁the", "\n"],
    "m.scores": [-1.5, 0],
    "m.none": [],
    "m.nested": [
      [true, false],
      [2n ** 64n - 1n, 7],
    ],
  });
});

test("tensors: shapes are row-major, offsets and the data are aligned", () => {
  const bytes = ggufFile({
    metadata: { "general.alignment": ["uint32", 64] },
    alignment: 64,
    tensors: {
      scalar: float32Tensor([], Float32Array.of(1)),
      a: float32Tensor([2, 3], new Float32Array(6)),
      b: float32Tensor([5], new Float32Array(5)),
      empty: float32Tensor([0, 4], new Float32Array(0)),
    },
  });
  const header = decode(bytes);
  expect(header?.alignment).toBe(64);
  expect(header?.dataOffset).toBe(bytes.length - 3 * 64);
  expect(Object.fromEntries(header?.tensors ?? [])).toEqual({
    scalar: { shape: [], type: 0, offset: 0 },
    a: { shape: [2, 3], type: 0, offset: 64 },
    b: { shape: [5], type: 0, offset: 128 },
    empty: { shape: [0, 4], type: 0, offset: 192 },
  });
});

test("bytes that end before the header does are no error: there may be more", () => {
  const bytes = ggufFile({
    metadata: { a: ["string", "text"], b: ["array", "uint16", [1, 2]] },
    tensors: { t: float32Tensor([2], new Float32Array(2)) },
  });
  const complete = Array.from(
    { length: bytes.length + 1 },
    (_, length) => decode(bytes.subarray(0, length)) !== undefined,
  );
  const first = complete.indexOf(true);
  expect(complete.slice(first).every(Boolean)).toBe(true);
  expect(first).toBeGreaterThan(bytes.length - 64 - 32);
});

describe("what can be wrong", () => {
  test.each([
    ["other first bytes", Buffer.from("PK\x03\x04 and more"), "bad_header", 'needed "GGUF" at the start, got "PK'],
    ["an old version", ggufFile({ version: 1 }), "unsupported_version", "needed GGUF version 2 or 3, got 1;"],
    ["big-endian", Buffer.from("GGUF\x00\x00\x00\x03"), "unsupported_version", "got 50331648 (a big-endian file);"],
    [
      "an alignment of zero",
      ggufFile({ metadata: { "general.alignment": ["uint32", 0] } }),
      "bad_header",
      "needed a positive general.alignment, got 0",
    ],
    [
      "five dimensions",
      ggufFile({ tensors: { t: float32Tensor([1, 1, 1, 1, 1], new Float32Array(1)) } }),
      "bad_header",
      "tensor t: needed at most 4 dimensions, got 5",
    ],
  ])("%s", (_, bytes, code, message) => {
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  test("a type of value that there is none of", () => {
    const bytes = Buffer.from(ggufFile({ metadata: { key: ["uint8", 1] } }));
    bytes.writeUInt32LE(13, 24 + 8 + 3);
    expect(() => decode(bytes)).toThrow(
      "test: key: needed a value type from 0 to 12, got 13; this is no whole GGUF file",
    );
  });

  test("arrays in arrays without end", () => {
    const nested = (depth: number): Typed => ["array", "array", depth === 1 ? [] : [nested(depth - 1)]];
    expect(decode(ggufFile({ metadata: { key: nested(8) } }))?.metadata.key).toEqual([[[[[[[[]]]]]]]]);
    expect(() => decode(ggufFile({ metadata: { key: nested(9) } }))).toThrow(
      "test: key: needed at most 8 nested arrays, got more",
    );
  });

  test("the same key or tensor twice", () => {
    const keys = Buffer.from(ggufFile({ metadata: { a: ["uint8", 1], b: ["uint8", 2] } }));
    keys.write("a", keys.lastIndexOf("b"));
    expect(() => decode(keys)).toThrow("needed distinct keys, got a twice");
    const tensor = float32Tensor([1], new Float32Array(1));
    const tensors = Buffer.from(ggufFile({ tensors: { a: tensor, b: tensor } }));
    tensors.write("a", tensors.lastIndexOf("b"));
    expect(() => decode(tensors)).toThrow("needed distinct tensors, got a twice");
  });
});
