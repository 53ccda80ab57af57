import { expect, test } from "vitest";
import * as wasm from "./wasm.js";

test("the smallest module, byte by byte", () => {
  // function of two parameters, one further int32 and one vector: local 2 = local 0 + 300
  const body = wasm.set(2, wasm.add(wasm.get(0), wasm.i32(300)));
  expect([...wasm.assemble(2, 1, 1, body)]).toEqual([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 6, 1, 0x60, 2, 0x7f, 0x7f, 0], // type (i32, i32) -> ()
    ...[2, 16, 1, 4, ...Buffer.from("host"), 6, ...Buffer.from("memory"), 2, 0, 1],
    ...[3, 2, 1, 0],
    ...[7, 7, 1, 3, ...Buffer.from("run"), 0, 0],
    ...[10, 16, 1, 14, 2, 1, 0x7f, 1, 0x7b, 0x20, 0, 0x41, 0xac, 0x02, 0x6a, 0x21, 2, 0x0b],
  ]);
});

test("signed constants take a further byte where the sign would be lost", () => {
  expect(wasm.i32(63)).toEqual([0x41, [63]]);
  expect(wasm.i32(64)).toEqual([0x41, [0xc0, [0]]]);
  expect(wasm.i32(-1)).toEqual([0x41, [0x7f]]);
});
