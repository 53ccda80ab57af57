import { readFileSync } from "node:fs";
import { testDocExamples } from "@sae/tooling/docExamples";
import { expect, test } from "vitest";
import { allOps } from "./ops/index.js";

testDocExamples("../README.md", import.meta.url);

test("README.md lists every operation, in the order of the list", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, table] = /\| operation +\|.*\n\| -+ .*\n((?:\|.*\n)+)/.exec(readme) ?? [];
  expect(Array.from((table ?? "").matchAll(/^\| `(\w+)`/gm), ([, name]) => name)).toEqual(
    allOps.map(({ name }) => name),
  );
});
