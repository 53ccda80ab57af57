import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockFolder, removeLock } from "./folderLock.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-bench-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noOne = (holder: string) => {
  throw new Error(`waited for ${holder}`);
};
const lock = () => join(folder, "lock");

test("a free folder is taken, and nothing is left behind", async () => {
  const release = await lockFolder(folder, noOne);
  expect(await readFile(lock(), "utf8")).toMatch(new RegExp(`^process ${process.pid} on ${hostname()}\n`));
  await release();
  expect(await readdir(folder)).toEqual([]);
});

test("a living holder is waited for", async () => {
  const holder = `process ${process.ppid} on ${hostname()}`;
  await writeFile(lock(), holder);
  const waitedFor: string[] = [];
  const release = await lockFolder(folder, (name) => {
    waitedFor.push(name);
    void rm(lock());
  });
  expect(waitedFor).toEqual([holder]);
  await release();
});

test("one that died does not count, nor does an old lock of this process's number", async () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  await writeFile(lock(), `process ${pid} on ${hostname()}`);
  await (await lockFolder(folder, noOne))();
  await writeFile(lock(), `process ${process.pid} on ${hostname()}`);
  await (await lockFolder(folder, noOne))();
});

test("on another machine a holder counts until it has been silent for ten minutes", async () => {
  await writeFile(lock(), "process 1 on elsewhere");
  const longAgo = new Date(Date.now() - 11 * 60_000);
  await utimes(lock(), longAgo, longAgo);
  await (await lockFolder(folder, noOne))();
});

describe("of two who wait and find the same holder dead", () => {
  const abandoned = "process 1 on elsewhere\nfirst\n";
  const fasters = "process 2 on elsewhere\nsecond\n";

  test("the slower leaves the lock of the faster where it is", async () => {
    await writeFile(lock(), abandoned);
    await removeLock(lock(), abandoned); // the faster
    await writeFile(lock(), fasters);
    await removeLock(lock(), abandoned); // the slower, which judged before
    expect(await readFile(lock(), "utf8")).toBe(fasters);
    expect(await readdir(folder)).toEqual(["lock"]);
  });

  test("both may remove it at once, in any order, and none of the next ones is lost", async () => {
    for (let round = 0; round < 50; round++) {
      await writeFile(lock(), abandoned);
      const next = () => writeFile(lock(), fasters, { flag: "wx" }).catch(() => {});
      await Promise.all([removeLock(lock(), abandoned).then(next), removeLock(lock(), abandoned).then(next)]);
      expect(await readFile(lock(), "utf8")).toBe(fasters);
      expect(await readdir(folder)).toEqual(["lock"]);
      await rm(lock());
    }
  });
});

test("whoever was silent for too long does not take away the lock of who came after", async () => {
  const release = await lockFolder(folder, noOne);
  await writeFile(lock(), "process 1 on elsewhere");
  await release();
  expect(await readFile(lock(), "utf8")).toBe("process 1 on elsewhere");
});
