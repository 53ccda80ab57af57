import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeError, writeFileAtomic } from "./writeFileAtomic.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atomic-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("text, bytes, and pieces of either kind of iteration", async () => {
  const path = join(folder, "a.txt");
  async function* later() {
    yield Buffer.from("in ");
    yield Buffer.from("pieces");
  }
  for (const [content, text] of [
    ["größer", "größer"],
    [Buffer.from("bytes"), "bytes"],
    [[Buffer.from("a"), new Uint8Array(0), Buffer.from("b")], "ab"],
    [later(), "in pieces"],
    ["", ""],
  ] as const) {
    await writeFileAtomic(path, content);
    expect(await readFile(path, "utf8")).toBe(text);
  }
  expect(await readdir(folder)).toEqual(["a.txt"]);
});

test("when writing fails half way, the old content stays and nothing else is left", async () => {
  const path = join(folder, "a.txt");
  await writeFileAtomic(path, "old");
  function* failing() {
    yield Buffer.from("new");
    throw new Error("the source broke");
  }
  await expect(writeFileAtomic(path, failing())).rejects.toThrow("the source broke");
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["a.txt"]);
});

test("many writers of one file: one of them wins as a whole", async () => {
  const path = join(folder, "a.txt");
  const contents = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
  expect(contents).toContain(await readFile(path, "utf8"));
  expect(await readdir(folder)).toEqual(["a.txt"]);
});

test("a folder that does not exist", async () => {
  const path = join(folder, "none", "a.txt");
  await expect(writeFileAtomic(path, "")).rejects.toMatchObject({
    code: "folder_not_found",
    message: `write ${path}: the folder ${join(folder, "none")} does not exist; create it first`,
  });
});

test("a folder in the place of the file", async () => {
  await expect(writeFileAtomic(folder, "")).rejects.toMatchObject({ code: "write_failed" });
});

test.skipIf(!existsSync("/dev/full"))("a full disk, by the error of one (skipped without /dev/full)", async () => {
  const full = await open("/dev/full", "w");
  const cause = await full.write("x").catch((error) => error);
  await full.close();
  expect(writeError("run.json", cause)).toMatchObject({
    code: "disk_full",
    message: "write run.json: no space left on the disk; free some, then run again",
    cause,
  });
});
