import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { resultsSchema } from "./resultsSchema.js";

/** Every name of a key in a JSON Schema. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)];
}

test("the schema that users have is the one that the program's types follow from", async () => {
  const schema = `${JSON.stringify(z.toJSONSchema(resultsSchema), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot("../../results.schema.json");
});

test("the documentation names every key, and no other", async () => {
  const page = await readFile(new URL("../../../../docs/results-json.md", import.meta.url), "utf8");
  const named = new Set([...page.matchAll(/^- ((?:`\w+`(?:, )?)+)/gm)].flatMap(([, list]) => list.match(/\w+/g) ?? []));
  const keys = new Set(keysOf(z.toJSONSchema(resultsSchema)));
  expect([...named].filter((name) => !keys.has(name))).toEqual([]);
  expect([...keys].filter((name) => !named.has(name))).toEqual([]);
});
