import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeFiles } from "./code.js";
import { codePackages } from "./codePackages.js";
import { bundledName } from "./packageFolder.js";

let dist: string;
beforeAll(() => {
  dist = mkdtempSync(join(tmpdir(), "corpora-"));
  const options = ["--conditions=@sae/source", "--import", "tsx", join(import.meta.dirname, "bundleCode.ts"), dist];
  // From the package's folder, where tsx is found.
  execFileSync(process.execPath, options, { cwd: join(import.meta.dirname, "..") });
});
afterAll(() => rmSync(dist, { recursive: true, force: true }));

test.each(codePackages)("the copy of $package that is published has its texts and its terms", (each) => {
  const copy = join(dist, "packages", bundledName(each.package));
  const files = codeFiles(each);
  expect(files.length).toBeGreaterThan(0);
  expect(codeFiles(each, copy)).toEqual(files);
  expect(readdirSync(copy).filter((name) => /^(LICENSE|COPYING)/.test(name))).toHaveLength(1);
  for (const others of ["gyp", "deps/leveldb/leveldb-1.20", "deps/snappy/snappy", "deps/libexpat", "deps/hiredis"]) {
    if (!existsSync(join(copy, others))) continue;
    expect(readdirSync(join(copy, others)).filter((name) => /^(LICENSE|COPYING)/.test(name))).toHaveLength(1);
  }
});
