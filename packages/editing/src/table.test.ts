import { key } from "@sae/core";
import { describe, expect, it, test } from "vitest";
import { ravelTable } from "./ravelFiles.js";
import { splitTable } from "./splitTable.js";
import { checkTable, type RavelTable, tableOf } from "./table.js";

const files = {
  entity_attributes: {
    Paris: { Country: "France", Language: "French" },
    Lima: { Country: "Peru", Language: "Spanish" },
    Oslo: { Country: "Norway", Language: "Norwegian" },
  },
  attribute_to_prompts: { Country: ["%s is in", "%s lies in"], Language: ["In %s they speak"] },
  entity_to_split: { Paris: "train", Lima: "val", Oslo: "test" },
  prompt_to_split: { "%s is in": "train", "%s lies in": "test" },
};

test("RAVEL's files as a table: validation is training, what has no split is open", () => {
  const { entities, templates } = ravelTable("city", files);
  expect(entities.map(({ name, split }) => [name, split])).toEqual([
    ["Paris", "train"],
    ["Lima", "train"],
    ["Oslo", "test"],
  ]);
  expect(templates).toEqual({
    Country: [
      { template: "%s is in", split: "train" },
      { template: "%s lies in", split: "test" },
    ],
    Language: [{ template: "In %s they speak" }],
  });
});

const table: RavelTable = {
  entityType: "city",
  entities: Object.entries(files.entity_attributes).map(([name, attributes]) => ({ name, attributes })),
  templates: { Country: [{ template: "%s is in" }] },
};

describe("a table that cannot be used", () => {
  const problem = (changes: Partial<RavelTable>) => () => checkTable({ ...table, ...changes });
  const [paris] = table.entities as [RavelTable["entities"][number]];
  it("says what is wrong", () => {
    expect(problem({ entities: [] })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: table of city: needed entities, got none; correct the table]`,
    );
    expect(problem({ entities: [paris, paris] })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: table of city: needed names that are all different, got 'Paris' twice; correct the table]`,
    );
    expect(problem({ templates: {} })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: table of city: needed templates, got none; correct the table]`,
    );
    expect(problem({ templates: { Country: [{ template: "%s and %s are in" }] } })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: table of city: needed one %s in each template of Country, got '%s and %s are in'; correct the table]`,
    );
    expect(() => tableOf(table, ["Mayor"])).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: table of city: needed attributes among Country, got 'Mayor'; correct the table]`,
    );
    expect(() =>
      ravelTable("city", { ...files, entity_to_split: { Paris: "dev" } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: RAVEL files: needed a split of train, val or test, got 'dev' of 'Paris'; are these the files of one release?]`,
    );
  });
});

describe("splitTable", () => {
  const many: RavelTable = {
    ...table,
    entities: Array.from({ length: 10 }, (_, i) => ({
      ...(table.entities[0] as RavelTable["entities"][number]),
      name: `c${i}`,
    })),
  };
  const trainOf = (share: number, seed = 0) =>
    splitTable(many, key(seed), share)
      .entities.filter(({ split }) => split === "train")
      .map(({ name }) => name);

  it("puts the asked share on the training side, by the key", () => {
    expect(trainOf(0.3)).toHaveLength(3);
    expect(trainOf(0.3)).toEqual(trainOf(0.3));
    expect(trainOf(0.3)).not.toEqual(trainOf(0.3, 1));
  });

  it("leaves no side empty where there are two or more, and puts a single one by the share", () => {
    expect([trainOf(0).length, trainOf(1).length]).toEqual([1, 9]);
    expect(splitTable(table, key(0), 0.5).templates.Country).toEqual([{ template: "%s is in", split: "train" }]);
    expect(splitTable({ ...table, entities: [] }, key(0)).entities).toEqual([]);
  });

  it("keeps the splits that are given", () => {
    const given = { ...many, entities: many.entities.map((entity) => ({ ...entity, split: "test" as const })) };
    expect(splitTable(given, key(0), 0.9).entities.every(({ split }) => split === "test")).toBe(true);
  });
});
