import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { encodeBfloat16, encodeFloat16 } from "./float16.js";
import { neg } from "./ops/unary.js";
import {
  bytesOf,
  bytesPerElement,
  checkArray,
  elementCount,
  floatCopier,
  type StoredArray,
  toFloat32,
  viewAs,
} from "./storedArray.js";
import { float32 } from "./tensorType.js";

const shape = [2];

test.each<StoredArray>([
  { dtype: "float64", shape, data: Float64Array.of(1, -2) },
  { dtype: "float32", shape, data: Float32Array.of(1, -2) },
  { dtype: "float16", shape, data: encodeFloat16([1, -2]) },
  { dtype: "bfloat16", shape, data: encodeBfloat16([1, -2]) },
  { dtype: "int64", shape, data: BigInt64Array.of(1n, -2n) },
  { dtype: "int32", shape, data: Int32Array.of(1, -2) },
  { dtype: "int16", shape, data: Int16Array.of(1, -2) },
  { dtype: "int8", shape, data: Int8Array.of(1, -2) },
])("$dtype as float32, and through its bytes", (array) => {
  expect(toFloat32(array)).toEqual(Float32Array.of(1, -2));
  const bytes = bytesOf(array);
  expect(bytes.length).toBe(2 * bytesPerElement(array.dtype));
  expect(viewAs(array.dtype, bytes)).toEqual(array.data);
});

test.each<StoredArray>([
  { dtype: "uint64", shape, data: BigUint64Array.of(1n, 0n) },
  { dtype: "uint32", shape, data: Uint32Array.of(1, 0) },
  { dtype: "uint16", shape, data: Uint16Array.of(1, 0) },
  { dtype: "uint8", shape, data: Uint8Array.of(1, 0) },
  { dtype: "bool", shape, data: Uint8Array.of(1, 0) },
])("$dtype as float32", (array) => {
  expect(toFloat32(array)).toEqual(Float32Array.of(1, 0));
});

test("copies of bfloat16 keep subnormal numbers once onnxruntime has made these zeros in this thread", async () => {
  const program = await compile({ x: float32(1) }, ({ x }) => ({ y: neg(x) }));
  await program.dispose();
  const out = new Float32Array(4);
  floatCopier("bfloat16", Uint16Array.of(0x3f80, 1, 0x8001))(1, 2, out, 1);
  expect(new Uint32Array(out.buffer)).toEqual(Uint32Array.of(0, 0x10000, 0x80010000, 0));
});

test("bytes at an address that does not suit the type are copied", () => {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setFloat64(1, 1.5, true);
  expect(viewAs("float64", bytes.subarray(1))).toEqual(Float64Array.of(1.5));
  expect(viewAs("float64", Buffer.from(bytes.buffer, 1))).toEqual(Float64Array.of(1.5));
});

test("a shape without dimensions is a scalar", () => {
  expect(elementCount([])).toBe(1);
  expect(elementCount([3, 0])).toBe(0);
});

test("data, dtype and shape must agree", () => {
  const data = Float32Array.of(1, 2);
  expect(() => checkArray("save", { dtype: "float32", shape: [3], data })).toThrow(
    "save: needed 3 elements for shape [3], got 2",
  );
  expect(() => checkArray("save", { dtype: "float16", shape: [2], data })).toThrow(
    "save: needed a Uint16Array for float16, got a Float32Array",
  );
});
