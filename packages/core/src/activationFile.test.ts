import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActivationFileOptions, openActivations } from "./activationFile.js";
import { encodeBfloat16, encodeFloat16 } from "./float16.js";
import { writeNpy } from "./npy.js";
import { writeSafetensors } from "./safetensors.js";
import type { StoredArray, StoredDType } from "./storedArray.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "activations-"));
});
afterAll(() => rm(folder, { recursive: true }));

const rows = 250;
const dModel = 5;
/** Element (row, column) is row + column / 8, which float16 holds exactly. */
const values = Float32Array.from({ length: rows * dModel }, (_, i) => Math.floor(i / dModel) + (i % dModel) / 8);
const shape = [rows, dModel];
const arrays: Record<string, StoredArray> = {
  float64: { dtype: "float64", shape, data: Float64Array.from(values) },
  float32: { dtype: "float32", shape, data: values },
  float16: { dtype: "float16", shape, data: encodeFloat16(values) },
};

const inMemory: ActivationFileOptions = {};
const onDisk: ActivationFileOptions = { maxBytesInMemory: 0 };

async function npy(name: string, array: StoredArray): Promise<string> {
  const path = join(folder, `${name}.npy`);
  await writeNpy(path, array);
  return path;
}

describe.each(Object.keys(arrays))("%s", (dtype) => {
  describe.each([
    { where: "in memory", options: inMemory },
    { where: "on disk", options: onDisk },
  ])("$where", ({ options }) => {
    test("rows in any order, with repeats", async () => {
      const file = await openActivations(await npy(dtype, arrays[dtype]), options);
      expect(file).toMatchObject({ rows, dModel, dtype, inMemory: options === inMemory });
      const out = new Float32Array(4 * dModel);
      await file.readRows([249, 0, 1, 249], out);
      expect(out).toEqual(
        Float32Array.from([249, 0, 1, 249].flatMap((row) => [0, 1, 2, 3, 4].map((d) => row + d / 8))),
      );
      await file.close();
    });

    test("any rows, and any range", async () => {
      const file = await openActivations(await npy(dtype, arrays[dtype]), options);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(rows - 1)), async (indices) => {
          const out = new Float32Array(indices.length * dModel);
          await file.readRows(Uint32Array.from(indices), out);
          expect(out).toEqual(
            Float32Array.from(indices.flatMap((row) => [...values.subarray(row * dModel, (row + 1) * dModel)])),
          );
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.nat(rows), fc.nat(rows), async (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          const out = new Float32Array((end - start) * dModel);
          await file.readRange(start, end - start, out);
          expect(out).toEqual(values.subarray(start * dModel, end * dModel));
        }),
      );
      await file.close();
    });
  });
});

test("more rows at once than one pass of reading takes", async () => {
  const count = 200_000;
  const data = Float32Array.from({ length: count }, (_, row) => row);
  const file = await openActivations(await npy("long", { dtype: "float32", shape: [count, 1], data }), onDisk);
  const out = new Float32Array(count);
  await file.readRange(0, count, out);
  expect(out).toEqual(data);
  await file.readRows(data.toReversed(), out);
  expect(out).toEqual(data.toReversed());
  await file.close();
});

test("a matrix without rows", async () => {
  const empty: StoredArray = { dtype: "float32", shape: [0, 4], data: new Float32Array(0) };
  for (const options of [inMemory, onDisk]) {
    const file = await openActivations(await npy("empty", empty), options);
    await file.readRange(0, 0, new Float32Array(0));
    expect(file.rows).toBe(0);
    await file.close();
  }
});

describe("safetensors", () => {
  const path = () => join(folder, "a.safetensors");

  test("the only tensor need not be named", async () => {
    const bits = encodeBfloat16([1, 2, 3, 4]);
    await writeSafetensors(path(), { acts: { dtype: "bfloat16", shape: [2, 2], data: bits } });
    const file = await openActivations(path());
    const out = new Float32Array(4);
    await file.readRange(0, 2, out);
    expect(out).toEqual(Float32Array.of(1, 2, 3, 4));
    await file.close();
  });

  test("one of several must be", async () => {
    await writeSafetensors(path(), { a: arrays.float32, b: arrays.float16 });
    const file = await openActivations(path(), { tensor: "b", maxBytesInMemory: 0 });
    const out = new Float32Array(dModel);
    await file.readRows([7], out);
    expect(out).toEqual(Float32Array.of(7, 7.125, 7.25, 7.375, 7.5));
    await file.close();
    await expect(openActivations(path())).rejects.toThrow(": needed the option tensor to be one of a, b");
    await expect(openActivations(path(), { tensor: "c" })).rejects.toThrow(": needed tensor c to be one of a, b");
  });
});

test("hash is the SHA-256 of the file", async () => {
  const path = await npy("hashed", arrays.float64);
  const file = await openActivations(path);
  expect(await file.hash()).toBe(
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex"),
  );
  await file.close();
});

describe("values that are not finite", () => {
  test.each<{ dtype: StoredDType; data: StoredArray["data"]; where: string }>([
    { dtype: "float16", data: encodeFloat16([1, 2, 3, 70_000]), where: "row 1, column 1" },
    { dtype: "float32", data: Float32Array.of(1, 2, Number.NaN, 4), where: "row 1, column 0" },
    { dtype: "float32", data: Float32Array.of(1, Number.NEGATIVE_INFINITY, 3, 4), where: "row 0, column 1" },
    { dtype: "float64", data: Float64Array.of(1, 2, 3, 1e39), where: "row 1, column 1" }, // finite, but not as float32
    { dtype: "bfloat16", data: encodeBfloat16([Number.NaN, 2, 3, 4]), where: "row 0, column 0" },
  ])("$dtype: $where", async ({ dtype, data, where }) => {
    const path = join(folder, "bad.safetensors");
    await writeSafetensors(path, { acts: { dtype, shape: [2, 2], data } });
    for (const options of [inMemory, onDisk]) {
      const file = await openActivations(path, options);
      await expect(file.readRange(0, 2, new Float32Array(4))).rejects.toMatchObject({
        code: "non_finite",
        message: expect.stringContaining(`needed finite activations, got NaN or infinity in ${where};`),
      });
      await file.close();
    }
  });

  test("only in what is read; the largest numbers are fine", async () => {
    const data = Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38, Number.NaN, 0);
    const file = await openActivations(await npy("partly", { dtype: "float32", shape: [2, 2], data }));
    const out = new Float32Array(2);
    await file.readRows([0], out);
    expect(out).toEqual(data.subarray(0, 2));
    await file.close();
  });
});

describe("errors", () => {
  test("a file that is not there", async () => {
    const path = join(folder, "none.npy");
    await expect(openActivations(path)).rejects.toMatchObject({
      code: "file_not_found",
      message: `open activations: no file ${path}; check the path`,
    });
  });

  test("another format", async () => {
    const path = join(folder, "hashed.txt");
    await npy("hashed.txt", arrays.float32);
    await expect(openActivations(`${path}.npy`)).resolves.toMatchObject({ rows });
    await expect(openActivations(new URL(import.meta.url).pathname)).rejects.toMatchObject({ code: "unknown_format" });
  });

  test("not a matrix", async () => {
    const path = await npy("cube", { dtype: "float32", shape: [2, 1, 1], data: new Float32Array(2) });
    await expect(openActivations(path)).rejects.toMatchObject({
      code: "wrong_rank",
      message: `open activations ${path}: needed a matrix [rows, dModel], got shape [2, 1, 1]; reshape it to two dimensions`,
    });
  });

  test("not floating-point", async () => {
    const path = await npy("tokens", { dtype: "int32", shape: [1, 2], data: new Int32Array(2) });
    await expect(openActivations(path)).rejects.toMatchObject({
      code: "wrong_dtype",
      message: `open activations ${path}: needed float16, bfloat16, float32 or float64, got int32`,
    });
  });

  test("a row that is not there, an output of another size", async () => {
    const path = await npy("small", arrays.float32);
    const file = await openActivations(path);
    await expect(file.readRows([250], new Float32Array(dModel))).rejects.toThrow(
      `read ${path}: needed rows from 0 to 249, got 250`,
    );
    await expect(file.readRows([0.5], new Float32Array(dModel))).rejects.toThrow("from 0 to 249, got 0.5");
    await expect(file.readRange(249, 2, new Float32Array(2 * dModel))).rejects.toMatchObject({ code: "out_of_range" });
    await expect(file.readRange(0, 2, new Float32Array(dModel))).rejects.toThrow(
      `read ${path}: needed an output of 2 rows of 5 values, got 5 values`,
    );
    await file.close();
  });

  test("a file cut short, before opening and after", async () => {
    const path = await npy("short", arrays.float32);
    const file = await openActivations(path, onDisk);
    await truncate(path, 1000);
    await expect(file.readRange(0, rows, new Float32Array(rows * dModel))).rejects.toMatchObject({
      code: "file_truncated",
    });
    await file.close();
    await expect(openActivations(path)).rejects.toMatchObject({ code: "file_truncated" });
  });
});
