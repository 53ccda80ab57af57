import { readFile } from "node:fs/promises";
import { SaeError } from "@sae/core";
import { expect, test } from "vitest";
import { errorMessage } from "./errors.js";
import { exitCodeOf, exitCodes } from "./exitCodes.js";

test("an error's code decides the exit code; what is not foreseen is 1", () => {
  expect(exitCodeOf(new SaeError("unknown_option", ""))).toBe(2);
  expect(exitCodeOf(new SaeError("non_finite", ""))).toBe(3);
  expect(exitCodeOf(new SaeError("provider_missing", ""))).toBe(4);
  expect(exitCodeOf(new SaeError("disk_full", ""))).toBe(5);
  expect(exitCodeOf(new SaeError("llm_unreachable", ""))).toBe(7);
  expect(exitCodeOf(new SaeError("diverged", ""))).toBe(1);
  expect(exitCodeOf(new TypeError("a mistake of ours"))).toBe(1);
});

test.each(["EACCES", "EDQUOT", "ENOSPC", "ENOTDIR", "EPERM", "EROFS"])(
  "%s of the system ends with the code of the disk",
  (code) => {
    expect(exitCodeOf(Object.assign(new Error(`${code}: refused, mkdir '/out'`), { code, path: "/out" }))).toBe(5);
  },
);

test("no error code stands in two lines of the table", () => {
  const codes = exitCodes.flatMap(({ errors }) => errors);
  expect(new Set(codes).size).toBe(codes.length);
});

test("the README shows the same table", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| +(\d+) +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [Number(code), meaning]);
  expect(rows).toEqual(exitCodes.map(({ code, meaning }) => [code, meaning]));
});

test("errors of the system say what to do", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", path: "a/log" });
  expect(errorMessage(full)).toMatchObject({
    code: "disk_full",
    message: "write a/log: no space left on the disk; free some, then run again",
  });
  const readOnly = Object.assign(new Error("EROFS: read-only file system, mkdir '/out'"), { code: "EROFS" });
  expect(errorMessage(readOnly)).toMatchObject({
    code: "write_failed",
    message: "EROFS: read-only file system, mkdir '/out'; choose another --out",
  });
  expect(errorMessage("text").message).toBe("text");
  expect(errorMessage(new RangeError("x")).code).toBe("internal");
});
