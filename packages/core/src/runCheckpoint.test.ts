import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadCheckpoint, type RunCheckpoint, saveCheckpoint } from "./runCheckpoint.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-checkpoint-"));
  path = join(folder, "checkpoint.safetensors");
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint: RunCheckpoint = {
  arrays: { W_enc: Float32Array.of(1, -2, 3e-30), "m/W_enc": new Float32Array(3), none: new Float32Array(0) },
  numbers: { step: 150, lastL0: 1 / 3, best: Number.POSITIVE_INFINITY },
};

/** The message without the path of this machine. */
const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(folder, "out")}`,
  );

test("a checkpoint comes back as it was, every bit of it", async () => {
  for (const each of [checkpoint, { arrays: {}, numbers: {} }]) {
    await saveCheckpoint(path, each, "run");
    expect(await loadCheckpoint(path, "run")).toEqual(each);
  }
});

test("one that is not there is none", async () => {
  expect(await loadCheckpoint(path, "run")).toBeNull();
});

test("one of another run is refused", async () => {
  await saveCheckpoint(path, checkpoint, "run");
  expect(await messageOf(loadCheckpoint(path, "other"))).toMatchInlineSnapshot(
    `"other_run: checkpoint out/checkpoint.safetensors: belongs to a run with other options or data; use another --out, or delete it to start this run from the beginning"`,
  );
});

test("one cut short at any place is refused", async () => {
  await saveCheckpoint(path, checkpoint, "run");
  const whole = await readFile(path);
  for (let size = 0; size < whole.length; size += 7) {
    await writeFile(path, whole.subarray(0, size));
    expect(await messageOf(loadCheckpoint(path, "run"))).toMatch(/^corrupt_checkpoint: /);
  }
  await writeFile(path, whole);
  await truncate(path, whole.length - 5);
  expect(await messageOf(loadCheckpoint(path, "run"))).toMatch(
    /^corrupt_checkpoint: checkpoint out\/checkpoint\.safetensors: damaged \(read out\/checkpoint\.safetensors: needed \d+ bytes, got \d+; the file is cut short, fetch it again\); delete it to start this run from the beginning$/,
  );
});

test("one with a changed bit is refused, in an array or in a number", async () => {
  await saveCheckpoint(path, checkpoint, "run");
  const whole = await readFile(path);
  const bad = Buffer.from(whole);
  bad[bad.length - 9] ^= 1;
  await writeFile(path, bad);
  expect(await messageOf(loadCheckpoint(path, "run"))).toMatchInlineSnapshot(
    `"corrupt_checkpoint: checkpoint out/checkpoint.safetensors: damaged (its checksum differs); delete it to start this run from the beginning"`,
  );
  bad.set(whole);
  bad.write("160", whole.indexOf('"150"') + 1);
  await writeFile(path, bad);
  expect(await messageOf(loadCheckpoint(path, "run"))).toMatch(/^corrupt_checkpoint: /);
});
