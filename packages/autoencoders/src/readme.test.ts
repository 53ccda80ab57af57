import { readFileSync } from "node:fs";
import { testDocExamples } from "@sae/tooling/docExamples";
import { describe, expect, it } from "vitest";
import { recipeSchema } from "./recipe.js";
import { variants } from "./variants/index.js";

testDocExamples("../README.md", import.meta.url);

describe("README.md", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const rows = readme.split("\n").filter((line) => line.startsWith("| `"));
  const named = (text: string) => Array.from(text.matchAll(/`(\w+)`/g), ([, name]) => name);

  it("lists every variant, with its options and their defaults", () => {
    for (const { name, config } of variants) {
      const row = rows.find((line) => line.startsWith(`| \`${name}\``)) ?? "";
      const options = row.split("|").at(-2) as string;
      expect(named(options).sort(), name).toEqual(Object.keys((config as unknown as { shape: object }).shape).sort());
      for (const [option, value] of Object.entries(config.parse({ l0: 1 }) as object)) {
        if (option !== "l0") expect(options).toContain(`\`${option}\` (${[value].flat().join(", ")})`);
      }
    }
  });

  it("lists every option of the recipe", () => {
    const listed = rows.flatMap((line) => named(line.split("|")[1]));
    expect(listed).toEqual(expect.arrayContaining(Object.keys(recipeSchema.shape)));
  });
});
