import { readFileSync } from "node:fs";
import { testDocExamples } from "@sae/tooling/docExamples";
import { expect, test } from "vitest";
import { reconstructionMetrics } from "./reconstructionMetrics.js";

testDocExamples("../README.md", import.meta.url);

test("README.md lists every reconstruction metric", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, table] = /\| name +\| formula.*\n\| -+ .*\n((?:\|.*\n)+)/.exec(readme) ?? [];
  const listed = Array.from((table ?? "").matchAll(/^\| `(\w+)`/gm), ([, name]) => name);
  expect(listed.sort()).toEqual(reconstructionMetrics.map(({ name }) => name).sort());
});
