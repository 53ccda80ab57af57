import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileSha256 } from "./fileSha256.js";

// sha256sum of these texts
const ofEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ofAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sha256-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("small files are read each time", async () => {
  await writeFile(join(folder, "empty"), "");
  await writeFile(join(folder, "abc"), "abc");
  expect(await fileSha256(join(folder, "empty"))).toBe(ofEmpty);
  expect(await fileSha256(join(folder, "abc"))).toBe(ofAbc);
  expect((await readdir(folder)).sort()).toEqual(["abc", "empty"]);
});

test("the hash of a large file is kept until its size or its time changes", async () => {
  const path = join(folder, "large");
  const kept = join(folder, ".large.sha256.json");
  await writeFile(path, "abc");
  const { mtime, mtimeMs } = await stat(path);
  expect(await fileSha256(path, 3)).toBe(ofAbc);
  expect(JSON.parse(await readFile(kept, "utf8"))).toEqual({ bytes: 3, mtimeMs, sha256: ofAbc });

  await writeFile(kept, JSON.stringify({ bytes: 3, mtimeMs, sha256: "kept" }));
  expect(await fileSha256(path, 3)).toBe("kept"); // and not read

  await utimes(path, mtime, new Date(1_000_000));
  expect(await fileSha256(path, 3)).toBe(ofAbc);
  expect(await fileSha256(path, 3)).toBe(ofAbc);

  await writeFile(kept, "{");
  await writeFile(path, "abcd");
  expect(await fileSha256(path, 3)).toMatch(/^88d4266f/);
});

test("a blob of the hub's cache is named by its hash, and a link to it is it", async () => {
  await mkdir(join(folder, "blobs"));
  await writeFile(join(folder, "blobs", ofEmpty), "was checked when it came");
  await symlink(join("blobs", ofEmpty), join(folder, "model.safetensors"));
  expect(await fileSha256(join(folder, "model.safetensors"))).toBe(ofEmpty);
});

test("where it cannot be kept the hash is right all the same", async () => {
  await mkdir(join(folder, ".abc.sha256.json"));
  expect(await fileSha256(join(folder, "abc"), 3)).toBe(ofAbc);
});

test("no file", async () => {
  const path = join(folder, "none");
  await expect(fileSha256(path)).rejects.toMatchObject({
    code: "file_not_found",
    message: `sha256: needed the file ${path}, got none; check the path`,
  });
  await expect(fileSha256(folder)).rejects.toMatchObject({ code: "read_failed" });
});
