import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./withLock.js";

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "with-lock-"));
  lock = join(folder, "lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the lock is held during the action and released after it", () => {
  const holder = withLock(lock, () => readFileSync(lock, "utf8"));
  expect(holder).toBe(`${hostname()} ${process.pid}`);
  expect(existsSync(lock)).toBe(false);
});

test("an action that throws releases the lock", () => {
  expect(() =>
    withLock(lock, () => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(existsSync(lock)).toBe(false);
});

test("the lock of a process that died is taken over", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeFileSync(lock, `${hostname()} ${pid}`);
  expect(withLock(lock, () => "taken")).toBe("taken");
});
