import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { harvest } from "./harvest.js";
import { filesOf, numberedContexts, numberPrefix } from "./tinyHarvest.testkit.js";

const folder = await mkdtemp(join(tmpdir(), "disk-full-"));
const small = join(folder, "small");

/** A disk of half a megabyte, where the system lets us have one. */
async function mountSmallDisk(): Promise<string | null> {
  await mkdir(small);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", small], { stdio: "ignore" });
    return null;
  } catch {
    return "needs the right to mount a tmpfs";
  }
}

const missing = await mountSmallDisk();
afterAll(async () => {
  if (missing === null) execFileSync("umount", [small]);
  await rm(folder, { recursive: true });
});

test("on a full disk a harvest stops with its shards kept, and continues when there is room", async ({ skip }) => {
  if (missing !== null) skip(missing);
  // 8 shards of 200 contexts, each of about 50 kB with its companions
  const options = {
    prefix: numberPrefix,
    contexts: numberedContexts(1500),
    dtype: "float32",
    shardBytes: 25_600,
  } as const;
  const filler = join(small, "filler");
  await writeFile(filler, new Uint8Array(300_000));
  const out = join(small, "harvest");
  await expect(harvest({ ...options, folder: out })).rejects.toMatchObject({
    code: "disk_full",
    message: expect.stringContaining("no space left on the disk; free some, then run again"),
  });
  const kept = Object.keys(await filesOf(out));
  expect(kept).toContain("activations-00000.npy");
  expect(kept).toContain("state.json");
  expect(kept.filter((name) => name.endsWith(".tmp"))).toEqual([]);

  await rm(filler);
  let first = 0;
  const onProgress = ({ rows }: { rows: number }) => {
    first ||= rows;
  };
  await harvest({ ...options, folder: out, onProgress });
  expect(first).toBeGreaterThan(1000); // it did not begin again
  await harvest({ ...options, folder: join(folder, "undisturbed") });
  expect(await filesOf(out)).toEqual(await filesOf(join(folder, "undisturbed")));
});
