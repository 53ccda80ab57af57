import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hashes, runCli, temporaryFolder, words, writeActivations } from "./runCli.testkit.js";

const folder = await temporaryFolder();
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
afterAll(() => {
  if (missing === null) execFileSync("umount", [small]);
});

const training = (out: string) => [
  "train",
  ...words({ data: "acts.npy", variant: "topk", "d-sae": 128, l0: 4, steps: 600, batch: 32, out }),
  ...words({ "checkpoint-seconds": 0, "evaluation-rows": 64 }),
];

test("on a full disk a run stops with its checkpoint kept, and continues when there is room", async ({ skip }) => {
  if (missing !== null) skip(missing);
  await writeActivations(join(folder, "acts.npy"), [2000, 32]);
  // One checkpoint of about 100 kB fits, not two at once.
  const filler = join(small, "filler");
  await writeFile(filler, new Uint8Array(350_000));
  const full = await runCli(training("small/run"), folder);
  expect(full.stderr).toContain("no space left on the disk; free some, then run again");
  expect(full.code).toBe(5);
  expect(Object.keys(await hashes(join(small, "run")))).toEqual(["checkpoint.safetensors", "job.json", "log.jsonl"]);
  await rm(filler);
  expect((await runCli(training("small/run"), folder)).code).toBe(0);
  expect((await runCli(training("undisturbed"), folder)).code).toBe(0);
  expect(await hashes(join(small, "run"))).toEqual(await hashes(join(folder, "undisturbed")));
});
