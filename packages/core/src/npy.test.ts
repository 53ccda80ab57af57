import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeNpy, encodeNpy, readNpy, writeNpy } from "./npy.js";
import { decodeNpz, readNpz } from "./npz.js";
import type { StoredArray } from "./storedArray.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "npy-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** numpy.save of numpy.array([[1, 2, 3], [4, 5, 6.5]], dtype="<f4"), by NumPy 2.4. */
const saved = Buffer.from(
  "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAg" +
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAQAAAQEAAAIBAAACgQAAA0EA=",
  "base64",
);
const matrix: StoredArray = { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) };

/** numpy.savez(a=the matrix, ids=numpy.array([1, -2])). */
const stored = Buffer.from(
  "UEsDBC0AAAAAAAAAIQAtjhzo//////////8FABQAYS5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdm" +
    "b3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg" +
    "ICAgICAgICAgICAgICAKAACAPwAAAEAAAEBAAACAQAAAoEAAANBAUEsDBC0AAAAAAAAAIQCa+/Uj//////////8HABQAaWRzLm5weQEAEACQAAAA" +
    "AAAAAJAAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAg" +
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAP7/////////UEsBAi0DLQAAAAAA" +
    "AAAhAC2OHOiYAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsBAi0DLQAAAAAAAAAhAJr79SOQAAAAkAAAAAcAAAAAAAAAAAAAAIABzwAA" +
    "AGlkcy5ucHlQSwUGAAAAAAIAAgBoAAAAmAEAAAAA",
  "base64",
);

/** numpy.savez_compressed of the same. */
const deflated = Buffer.from(
  "UEsDBC0AAAAIAAAAIQAtjhzo//////////8FABQAYS5ucHkBABAAmAAAAAAAAABYAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Ce" +
    "ll9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgaGBnsGBgYHIALiBiBeAMQXHABQSwMELQAAAAgAAAAhAJr79SP/////////" +
    "/wcAFABpZHMubnB5AQAQAJAAAAAAAAAASwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ck" +
    "FqQC+RpGOpo6CrUKFAAuRgYI+PcfAgBQSwECLQMtAAAACAAAACEALY4c6FgAAACYAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAA" +
    "CAAAACEAmvv1I0sAAACQAAAABwAAAAAAAAAAAAAAgAGPAAAAaWRzLm5weVBLBQYAAAAAAgACAGgAAAATAQAAAAA=",
  "base64",
);

/** An npy file of version 2 or 3 with this Python literal as its header. */
function file(literal: string, dataBytes = 0, version = 2): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(literal.length + 1);
  return Buffer.concat([
    Buffer.from(`\x93NUMPY`, "latin1"),
    Buffer.of(version, 0),
    length,
    Buffer.from(`${literal}\n`),
    Buffer.alloc(dataBytes),
  ]);
}

describe("npy", () => {
  test("a file written by NumPy, to the byte", () => {
    expect(decodeNpy(saved)).toEqual(matrix);
    expect(new Uint8Array(encodeNpy(matrix))).toEqual(new Uint8Array(saved));
  });

  test.each<StoredArray>([
    { dtype: "float64", shape: [], data: Float64Array.of(1.5) },
    { dtype: "float16", shape: [1, 2], data: Uint16Array.of(0x3c00, 0xc000) },
    { dtype: "int32", shape: [3], data: Int32Array.of(1, 2, -3) },
    { dtype: "int64", shape: [1], data: BigInt64Array.of(-1n) },
    { dtype: "uint8", shape: [0, 7], data: new Uint8Array(0) },
    { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
  ])("$dtype $shape, written and read", async (array) => {
    const path = join(folder, "a.npy");
    await writeNpy(path, array);
    expect(await readNpy(path)).toEqual(array);
  });

  test("any vector; the elements start at a multiple of 64 bytes", () => {
    fc.assert(
      fc.property(fc.float64Array({ noNaN: true }), (data) => {
        const array = { dtype: "float64" as const, shape: [data.length], data };
        const bytes = encodeNpy(array);
        expect((bytes.length - data.byteLength) % 64).toBe(0);
        expect(decodeNpy(bytes)).toEqual(array);
      }),
    );
  });

  test.each([2, 3])("version %d", (version) => {
    const bytes = file("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }", 8, version);
    expect(decodeNpy(bytes)).toEqual({ dtype: "int32", shape: [2, 1], data: new Int32Array(2) });
  });

  test.each([
    {
      what: "cut in the data",
      bytes: saved.subarray(0, -1),
      code: "file_truncated",
      needed: "needed 152 bytes, got 151",
    },
    {
      what: "cut in the header",
      bytes: saved.subarray(0, 100),
      code: "file_truncated",
      needed: "needed 128 bytes, got 100",
    },
    { what: "empty", bytes: new Uint8Array(0), code: "file_truncated", needed: "needed 12 bytes, got 0" },
    { what: "another format", bytes: Buffer.from("not an array"), code: "bad_header", needed: "needed an npy file" },
    {
      what: "a later version",
      bytes: file("{}", 0, 4),
      code: "bad_header",
      needed: "needed npy version 1, 2 or 3, got 4",
    },
    {
      what: "an incomplete header",
      bytes: file("{'descr': '<f4'}"),
      code: "bad_header",
      needed: "needed descr, fortran_order",
    },
    {
      what: "a shape without commas",
      bytes: file("{'descr': '<f4', 'fortran_order': False, 'shape': (2 3, 3), }", 72),
      code: "bad_header",
      needed: "needed whole numbers with commas between as the shape, got (2 3, 3)",
    },
    {
      what: "a size beyond all numbers",
      bytes: file("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 99999999999999999999), }"),
      code: "bad_header",
      needed: "needed whole numbers",
    },
    {
      what: "a type named like a member of objects",
      bytes: file("{'descr': 'constructor', 'fortran_order': False, 'shape': (2,), }", 8),
      code: "unsupported_dtype",
      needed: "got constructor",
    },
    {
      what: "column-major",
      bytes: file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }", 8),
      code: "fortran_order",
      needed: "save numpy.ascontiguousarray(array)",
    },
    {
      what: "big-endian",
      bytes: file("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", 8),
      code: "unsupported_dtype",
      needed: "got >f4; convert it with astype",
    },
    {
      what: "structured",
      bytes: file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8),
      code: "unsupported_dtype",
      needed: "got a structured type",
    },
  ])("$what: $code", ({ bytes, code, needed }) => {
    expect(() => decodeNpy(bytes)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(needed) }));
  });

  test("the format has no bfloat16", () => {
    expect(() => encodeNpy({ dtype: "bfloat16", shape: [1], data: new Uint16Array(1) })).toThrow(
      "encodeNpy: npy has no bfloat16; write safetensors instead",
    );
  });
});

describe("npz", () => {
  const ids: StoredArray = { dtype: "int64", shape: [2], data: BigInt64Array.of(1n, -2n) };

  test.each([
    { how: "stored", bytes: stored },
    { how: "deflated", bytes: deflated },
  ])("a file written by NumPy, $how", async ({ bytes }) => {
    expect(decodeNpz(bytes)).toEqual({ a: matrix, ids });
    const path = join(folder, "a.npz");
    await writeFileAtomic(path, bytes);
    expect(await readNpz(path)).toEqual({ a: matrix, ids });
  });

  test("a comment after the directory", () => {
    const bytes = Buffer.concat([stored, Buffer.from("hello")]);
    bytes.writeUInt16LE(5, stored.length - 2);
    expect(Object.keys(decodeNpz(bytes))).toEqual(["a", "ids"]);
  });

  /** The same archive with byte `at` changed. */
  const damaged = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] ^= 0xff;
    return copy;
  };

  test.each([
    { what: "no archive", bytes: saved, got: "no zip directory at the end" },
    { what: "cut short", bytes: stored.subarray(0, -30), got: "no zip directory at the end" },
    { what: "a changed element", bytes: damaged(stored, 200), got: "a damaged entry a.npy" },
    { what: "changed packed bytes", bytes: damaged(deflated, 80), got: "a damaged entry a.npy" },
    { what: "a wrong offset", bytes: damaged(stored, stored.length - 4), got: "an offset outside the file" },
  ])("$what", ({ bytes, got }) => {
    expect(() => decodeNpz(bytes)).toThrow(
      expect.objectContaining({ code: "bad_archive", message: expect.stringContaining(got) }),
    );
  });
});
