import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const reporter = fileURLToPath(new URL("./countReporter.js", import.meta.url));
const vitest = fileURLToPath(new URL("./vitest.mjs", import.meta.resolve("vitest/package.json")));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs vitest on one test file that holds `source`; the lines it printed and its exit code. */
function runVitest(source: string) {
  const folder = mkdtempSync(join(tmpdir(), "count-reporter-"));
  folders.push(folder);
  writeFileSync(join(folder, "a.test.mjs"), source);
  writeFileSync(
    join(folder, "vitest.config.mjs"),
    `import { CountReporter } from ${JSON.stringify(reporter)};
     export default { test: { globals: true, reporters: [new CountReporter()] } };`,
  );
  const { status, stdout } = spawnSync(process.execPath, [vitest, "run", "--root", folder], { encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n") };
}

test("a run in which everything passed ends with its counts", () => {
  expect(runVitest(`test("one", () => {}); test("two", () => {});`)).toEqual({
    status: 0,
    lines: ["2 passed, 0 failed"],
  });
});

test("a failing test gives a non-zero exit code", () => {
  expect(runVitest(`test("one", () => {}); test("two", () => { throw new Error("no"); });`)).toEqual({
    status: 1,
    lines: ["1 passed, 1 failed"],
  });
});

test("a skipped test is named with its reason", () => {
  expect(
    runVitest(`test("one", () => {}); describe("gpu", () => { test("two", ({ skip }) => skip("no GPU here")); });`),
  ).toEqual({ status: 0, lines: ["skipped a.test.mjs > gpu > two: no GPU here", "1 passed, 0 failed, 1 skipped"] });
});

test("a file that cannot be loaded counts as one failure", () => {
  expect(runVitest(`throw new Error("no");`)).toEqual({ status: 1, lines: ["0 passed, 1 failed"] });
});

test("a run in which every test was skipped fails", () => {
  expect(runVitest(`test.skip("one", () => {});`)).toEqual({
    status: 1,
    lines: ["skipped a.test.mjs > one", "0 passed, 0 failed, 1 skipped"],
  });
});

test("an unhandled rejection counts as a failure", () => {
  expect(runVitest(`test("one", () => { Promise.reject(new Error("no")); });`)).toEqual({
    status: 1,
    lines: ["1 passed, 1 failed"],
  });
});
