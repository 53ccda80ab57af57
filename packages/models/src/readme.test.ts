import { readFileSync } from "node:fs";
import { testDocExamples } from "@sae/tooling/docExamples";
import { expect, test } from "vitest";
import { residualHookNames } from "./blocks/residualStream.js";
import { families } from "./families/families.js";
import { namedModels } from "./namedModels.js";

testDocExamples("../README.md", import.meta.url);

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const rows = readme.split("\n").filter((line) => line.startsWith("|"));

test("README.md lists every family and every model that has a name", () => {
  for (const { name } of [...families, ...namedModels]) {
    expect(rows.filter((row) => row.startsWith(`| \`${name}\` `))).toHaveLength(1);
  }
});

test("README.md lists every hook", () => {
  const hooks = residualHookNames(1, { embed: ["hook_embed", "hook_pos_embed"] });
  for (const hook of hooks) expect(rows.join("\n")).toContain(`\`${hook.replace("blocks.0", "blocks.L")}\``);
});
