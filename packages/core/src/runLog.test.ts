import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRunLog } from "./runLog.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-log-"));
  path = join(folder, "new", "log.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

const open = (keep: number, at: string | undefined = path) => openRunLog<{ step: number }>(at, keep);

/** The message without the path of this machine. */
const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(folder, "out")}`,
  );

test("lines are on the disk as soon as they are appended", async () => {
  const log = await open(0);
  await log.append([{ step: 0 }, { step: 1 }]);
  await log.append([]);
  expect(await readFile(path, "utf8")).toBe('{"step":0}\n{"step":1}\n');
  expect(log.lines).toEqual([{ step: 0 }, { step: 1 }]);
  await log.close();
});

test("a log without a file is kept in memory", async () => {
  const log = await openRunLog<number>(undefined, 0);
  await log.append([1, 2]);
  expect(log.lines).toEqual([1, 2]);
  await log.close();
});

test("the lines that a checkpoint counts stay; what came after is dropped, half a line too", async () => {
  const first = await open(0);
  await first.append([{ step: 0 }, { step: 1 }, { step: 2 }]);
  await first.close();
  await writeFile(path, '{"st', { flag: "a" });
  const log = await open(2);
  await log.append([{ step: 7 }]);
  expect(log.lines).toEqual([{ step: 0 }, { step: 1 }, { step: 7 }]);
  expect(await readFile(path, "utf8")).toBe('{"step":0}\n{"step":1}\n{"step":7}\n');
  await log.close();
});

test("lines that could not be written are not in the log", async () => {
  const log = await open(0);
  await log.append([{ step: 0 }]);
  await log.close();
  expect(await messageOf(log.append([{ step: 1 }]))).toMatchInlineSnapshot(
    `"write_failed: write out/new/log.jsonl: file closed"`,
  );
  expect(log.lines).toEqual([{ step: 0 }]);
  expect(await readFile(path, "utf8")).toBe('{"step":0}\n');
});

test("they must all be there, and whole", async () => {
  const first = await open(0);
  await first.append([{ step: 0 }]);
  await first.close();
  await writeFile(path, '{"st', { flag: "a" });
  expect(await messageOf(open(2))).toMatchInlineSnapshot(
    `"corrupt_checkpoint: log out/new/log.jsonl: needed the 2 lines that the checkpoint counts, got 1; delete the folder to start again"`,
  );
  await writeFile(path, '{"step":0}\n{"st{"step":2}\n');
  expect(await messageOf(open(2))).toMatchInlineSnapshot(
    `"corrupt_checkpoint: log out/new/log.jsonl: needed the 2 lines that the checkpoint counts, line 2 is no JSON; delete the folder to start again"`,
  );
  await rm(path);
  expect(await messageOf(open(2))).toMatchInlineSnapshot(
    `"corrupt_checkpoint: log out/new/log.jsonl: needed the 2 lines that the checkpoint counts, cannot read it; delete the folder to start again"`,
  );
});
