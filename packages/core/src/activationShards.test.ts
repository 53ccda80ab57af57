import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openActivations } from "./activationFile.js";
import { encodeFloat16 } from "./float16.js";
import { writeNpy } from "./npy.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shards-"));
});
afterAll(() => rm(folder, { recursive: true }));

const dModel = 3;
const sha256 = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

let made = 0;

/** A folder with shards of so many rows; element (row, column) is row + column / 8. */
async function shardFolder(sizes: readonly number[], changes: object = {}): Promise<string> {
  const path = join(folder, `${made++}`);
  await mkdir(path);
  const shards: { file: string; rows: number; sha256: string }[] = [];
  let first = 0;
  for (const [i, rows] of sizes.entries()) {
    const file = `activations-${i}.npy`;
    const values = Float32Array.from(
      { length: rows * dModel },
      (_, j) => first + Math.floor(j / dModel) + (j % dModel) / 8,
    );
    await writeNpy(join(path, file), { dtype: "float16", shape: [rows, dModel], data: encodeFloat16(values) });
    shards.push({ file, rows, sha256: await sha256(join(path, file)) });
    first += rows;
  }
  const manifest = { dtype: "float16", dModel, rows: first, shards, ...changes };
  await writeFile(join(path, "manifest.json"), JSON.stringify(manifest));
  return path;
}

const expected = (rows: readonly number[]) => Float32Array.from(rows.flatMap((row) => [row, row + 1 / 8, row + 2 / 8]));

test.each([0, 1e9])(
  "any rows and any range of any shards, with at most %i bytes in memory",
  async (maxBytesInMemory) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4), { maxLength: 5 }).chain((sizes) => {
          const rows = sizes.reduce((sum, size) => sum + size, 0);
          const indices = rows === 0 ? fc.constant([]) : fc.array(fc.nat(rows - 1));
          return fc.tuple(fc.constant(sizes), indices, fc.nat(rows), fc.nat(rows));
        }),
        async ([sizes, indices, a, b]) => {
          const file = await openActivations(await shardFolder(sizes), { maxBytesInMemory });
          const rows = sizes.reduce((sum, size) => sum + size, 0);
          expect(file).toMatchObject({ rows, dModel, dtype: "float16" });
          const some = new Float32Array(indices.length * dModel);
          await file.readRows(indices, some);
          expect(some).toEqual(expected(indices));
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          const range = new Float32Array((end - start) * dModel);
          await file.readRange(start, end - start, range);
          expect(range).toEqual(expected(Array.from({ length: end - start }, (_, i) => start + i)));
          await file.close();
        },
      ),
      { numRuns: 40 },
    );
  },
);

test("the matrix is in memory as a whole or not at all", async () => {
  const path = await shardFolder([2, 5]);
  const bytes = 7 * dModel * 2;
  for (const [maxBytesInMemory, inMemory] of [
    [bytes, true],
    [bytes - 1, false],
  ] as const) {
    const file = await openActivations(path, { maxBytesInMemory });
    expect(file.inMemory).toBe(inMemory);
    await file.close();
  }
});

test("hash is that of the list of hashes, as sha256sum makes it", async () => {
  const path = await shardFolder([2, 0, 1]);
  const file = await openActivations(path);
  const printed = execFileSync("sh", ["-c", "sha256sum activations-*.npy | sha256sum"], { cwd: path }).toString();
  expect(await file.hash()).toBe(printed.split(" ")[0]);
  await file.close();
});

test("errors", async () => {
  const path = await shardFolder([2, 1]);
  const file = await openActivations(path);
  await expect(file.readRows([3], new Float32Array(dModel))).rejects.toThrow(
    `read ${path}: needed rows from 0 to 2, got 3`,
  );
  await expect(file.readRows([0.5], new Float32Array(dModel))).rejects.toMatchObject({ code: "out_of_range" });
  await expect(file.readRange(2, 2, new Float32Array(2 * dModel))).rejects.toMatchObject({ code: "out_of_range" });
  await expect(file.readRange(0, 1, new Float32Array(2))).rejects.toMatchObject({ code: "shape_mismatch" });
  await expect(file.readRows([0], new Float32Array(2))).rejects.toMatchObject({ code: "shape_mismatch" });
  await file.close();

  const empty = join(folder, "empty");
  await mkdir(empty);
  await expect(openActivations(empty)).rejects.toMatchObject({ code: "no_manifest" });
  await writeFile(join(empty, "manifest.json"), "{");
  await expect(openActivations(empty)).rejects.toMatchObject({ code: "bad_manifest" });
  for (const changes of [{ rows: 4 }, { dModel: -1 }, { dtype: "int8" }, { shards: [{}] }, { shards: undefined }]) {
    await expect(openActivations(await shardFolder([2, 1], changes))).rejects.toMatchObject({ code: "bad_manifest" });
  }
  for (const file of ["../activations-0.npy", "..", "a\\b.npy", ""]) {
    const elsewhere = await shardFolder([], { rows: 1, shards: [{ file, rows: 1, sha256: "" }] });
    await expect(openActivations(elsewhere)).rejects.toMatchObject({
      code: "bad_manifest",
      message: expect.stringContaining("needed shards with file (a name in this folder), rows and sha256"),
    });
  }
  await expect(openActivations(await shardFolder([2, 1], { dtype: "float32" }))).rejects.toMatchObject({
    code: "shard_mismatch",
    message: expect.stringContaining("needed float32 [2, 3] as manifest.json says, got float16 [2, 3]"),
  });

  await writeNpy(join(path, "activations-1.npy"), { dtype: "float16", shape: [1, 3], data: new Uint16Array(3) });
  const changed = await openActivations(path);
  await expect(changed.hash()).rejects.toMatchObject({ code: "shard_mismatch" });
  await changed.close();
  await rm(join(path, "activations-0.npy"));
  await expect(openActivations(path)).rejects.toMatchObject({ code: "file_not_found" });
});
