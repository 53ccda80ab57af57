import { readFileSync } from "node:fs";
import { testDocExamples } from "@sae/tooling/docExamples";
import { describe, expect, it } from "vitest";
import { baselines } from "./baselines.js";

testDocExamples("../README.md", import.meta.url);

describe("README.md", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const rows = readme.split("\n").filter((line) => line.startsWith("| `"));
  const cells = (line: string) => line.split("|").map((cell) => cell.trim());

  it("lists every baseline in order, with its options and whether init applies", () => {
    const listed = rows.filter((line) => cells(line).length === 7);
    expect(listed.map((line) => cells(line)[1])).toEqual(baselines.map(({ name }) => `\`${name}\``));
    for (const [i, { config, drawn }] of baselines.entries()) {
      const [, , , , options, init] = cells(listed[i]);
      const defaults = Object.entries(config.parse({}) as object).map(([option, value]) => `\`${option}\` (${value})`);
      expect(options).toBe(defaults.join(" "));
      expect(init).toBe(drawn ? "yes" : "no");
    }
  });
});
