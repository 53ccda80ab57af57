import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  writeSafetensors,
} from "./safetensors.js";
import type { StoredArray } from "./storedArray.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterAll(() => rm(folder, { recursive: true }));

const tensors = {
  W_dec: { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  steps: { dtype: "int64", shape: [], data: BigInt64Array.of(9_007_199_254_740_993n) },
  alive: { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) },
  empty: { dtype: "float16", shape: [0, 4], data: new Uint16Array(0) },
} satisfies Record<string, StoredArray>;

/** A file out of a header text and some data. */
function file(header: string, dataBytes = 0): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

describe("writing and reading", () => {
  test("gives the same back, in memory and through a file", async () => {
    const metadata = { format: "pt", recipe: "topk" };
    expect(decodeSafetensors(encodeSafetensors(tensors, metadata))).toEqual({ tensors, metadata });
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors, metadata);
    expect(await readSafetensors(path)).toEqual({ tensors, metadata });
    expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(encodeSafetensors(tensors, metadata)));
  });

  test("one array at a time", async () => {
    const path = join(folder, "b.safetensors");
    await writeSafetensors(path, tensors);
    const reader = await openSafetensors(path);
    expect(reader.entries.alive).toMatchObject({ dtype: "bool", shape: [3], byteLength: 3 });
    expect(await reader.read("W_dec")).toEqual(tensors.W_dec);
    await expect(reader.read("W_enc")).rejects.toThrow(/: needed tensor W_enc, got only steps, W_dec, empty, alive$/);
    await reader.close();
  });

  test("the bytes do not depend on the order of the names", () => {
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    expect(encodeSafetensors(reversed, { a: "1", b: "2" })).toEqual(encodeSafetensors(tensors, { b: "2", a: "1" }));
  });

  test("the layout: header padded to 8 bytes, widest elements first", () => {
    const bytes = encodeSafetensors({
      b: { dtype: "uint8", shape: [1], data: Uint8Array.of(7) },
      a: { dtype: "uint8", shape: [1], data: Uint8Array.of(9) },
      z: { dtype: "float32", shape: [1], data: Float32Array.of(1) },
    });
    const header =
      '{"z":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(new Uint8Array(bytes)).toEqual(new Uint8Array([...file(padded), 0, 0, 0x80, 0x3f, 9, 7]));
  });

  test("no arrays at all", () => {
    expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
  });

  test("any names and shapes", () => {
    const vectors = fc.dictionary(
      fc.string().filter((name) => name !== "__metadata__"),
      fc.float32Array({ maxLength: 5, noNaN: true }),
    );
    fc.assert(
      fc.property(vectors, fc.dictionary(fc.string(), fc.string()), (byName, metadata) => {
        const arrays = Object.fromEntries(
          Object.entries(byName).map(([name, data]) => [
            name,
            { dtype: "float32" as const, shape: [data.length], data },
          ]),
        );
        const back = decodeSafetensors(encodeSafetensors(arrays, metadata));
        expect(Object.entries(back.tensors).sort()).toEqual(Object.entries(arrays).sort());
        expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort());
      }),
    );
  });
});

describe("a file that is not right", () => {
  const entry = (name: string, dtype: string, shape: string, begin: number, end: number) =>
    `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

  test.each([
    {
      what: "shorter than its length field",
      bytes: new Uint8Array(5),
      code: "file_truncated",
      needed: "needed 8 bytes, got 5",
    },
    {
      what: "cut in the header",
      bytes: file("{}").subarray(0, 9),
      code: "file_truncated",
      needed: "needed 10 bytes, got 9",
    },
    {
      what: "cut in the data",
      bytes: file(`{${entry("a", "F32", "[2]", 0, 8)}}`, 4),
      code: "file_truncated",
      needed: "needed 70 bytes, got 66",
    },
    {
      what: "another format",
      bytes: Buffer.from("PK\x03\x04 a zip archive"),
      code: "bad_header",
      needed: "at most 100000000 bytes",
    },
    { what: "no JSON", bytes: file("{oops"), code: "bad_header", needed: "needed JSON" },
    { what: "no object", bytes: file("[]"), code: "bad_header", needed: "needed a JSON object" },
    { what: "an entry without shape", bytes: file('{"a":{"dtype":"F32"}}'), code: "bad_header", needed: "of tensor a" },
    {
      what: "a negative size",
      bytes: file(`{${entry("a", "F32", "[-1]", 0, 4)}}`, 4),
      code: "bad_header",
      needed: "of tensor a",
    },
    {
      what: "metadata that is no text",
      bytes: file('{"__metadata__":{"a":1}}'),
      code: "bad_header",
      needed: "hold text only",
    },
    {
      what: "an unknown dtype",
      bytes: file(`{${entry("a", "F4", "[1]", 0, 1)}}`, 1),
      code: "unsupported_dtype",
      needed: "got F4",
    },
    {
      what: "a dtype named like a member of objects",
      bytes: file(`{${entry("a", "constructor", "[1]", 0, 1)}}`, 1),
      code: "unsupported_dtype",
      needed: "got constructor",
    },
    {
      what: "offsets that do not fit the shape",
      bytes: file(`{${entry("a", "F32", "[2]", 0, 4)}}`, 4),
      code: "bad_offsets",
      needed: "tensor a: needed 8 bytes for F32 [2], got 4",
    },
    {
      what: "an overlap",
      bytes: file(`{${entry("a", "U8", "[2]", 0, 2)},${entry("b", "U8", "[2]", 1, 3)}}`, 3),
      code: "bad_offsets",
      needed: "tensor b: needed data offset 2, got 1 (an overlap)",
    },
    {
      what: "a gap",
      bytes: file(`{${entry("a", "U8", "[2]", 0, 2)},${entry("b", "U8", "[1]", 3, 4)}}`, 4),
      code: "bad_offsets",
      needed: "tensor b: needed data offset 2, got 3 (a gap)",
    },
    {
      what: "bytes after the last array",
      bytes: file("{}", 4),
      code: "bad_offsets",
      needed: "end at byte 14 of the file, got 10",
    },
    {
      what: "a name twice",
      bytes: file(`{${entry("a", "U8", "[0]", 0, 0)},${entry("\\u0061", "U8", "[0]", 0, 0)}}`),
      code: "duplicate_key",
      needed: "needed distinct names, got a twice",
    },
  ])("$what: $code", async ({ bytes, code, needed }) => {
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(needed) }),
    );
    const path = join(folder, "wrong.safetensors");
    await writeFile(path, bytes);
    await expect(readSafetensors(path)).rejects.toMatchObject({ code, message: expect.stringContaining(needed) });
  });

  test("a key in one object may be the same as in another", () => {
    const text = `{"__metadata__":{"a":"\\"}{"},${entry("a", "U8", "[0]", 0, 0)}}`;
    expect(decodeSafetensors(file(text)).metadata).toEqual({ a: '"}{' });
  });

  test("not there", async () => {
    await expect(readSafetensors(join(folder, "none"))).rejects.toMatchObject({
      code: "file_not_found",
      message: `read safetensors: no file ${join(folder, "none")}; check the path`,
    });
  });

  test("an array whose shape does not fit its data is not written", () => {
    expect(() => encodeSafetensors({ a: { ...tensors.W_dec, shape: [7] } })).toThrow(
      "encodeSafetensors: tensor a: needed 7 elements for shape [7], got 6",
    );
  });
});

const shared = process.env.SAE_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
const written = join(shared, "fixtures/training/topk.trained.safetensors");
test.skipIf(!existsSync(written))(`a file written by another program (skipped without ${written})`, async () => {
  const { tensors } = await readSafetensors(written);
  expect(Object.keys(tensors).length).toBeGreaterThan(0);
  for (const { data, shape } of Object.values(tensors)) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
});
