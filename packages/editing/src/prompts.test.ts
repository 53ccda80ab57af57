import { key } from "@sae/core";
import { huggingFaceTokenizer, type LanguageModel } from "@sae/models";
import { describe, expect, it, test } from "vitest";
import { entityPosition } from "./entityPosition.js";
import { knowingModel, knowingTable } from "./knowingModel.testkit.js";
import { buildPrompts } from "./prompts.js";
import { splitTable } from "./splitTable.js";
import type { RavelTable } from "./table.js";

/** A tokenizer of letters in which "s," and "on" are tokens as well: the first reaches over the end of a name, the second splits one oddly. */
const letters = [..."abcdefghijklmnopqrstuvwxyzPLO ,"];
const tokenizer = huggingFaceTokenizer({
  model: {
    type: "BPE",
    vocab: Object.fromEntries([...letters, "s,", "on"].map((token, id) => [token, id])),
    merges: ["s ,", "o n"],
  },
});

test("the last token of the entity, by the places of characters", () => {
  const at = (text: string, entity: string) => {
    const start = text.indexOf(entity);
    return entityPosition(tokenizer.encode(text), start, start + entity.length);
  };
  expect(at("in Paris they", "Paris")).toBe(7);
  expect(at("in London they", "London")).toBe(6); // L, on, d, on
  expect(at("Paris", "Paris")).toBe(4);
  expect(at("in Paris, they", "Paris")).toBe("merged");
  expect(at("in Pars, they", "Par")).toBe(5);
  expect(entityPosition({ ids: [], offsets: [] }, 0, 5)).toBe("noToken");
  expect(
    entityPosition(
      {
        ids: [1, 2],
        offsets: [
          [0, 0],
          [5, 6],
        ],
      },
      0,
      5,
    ),
  ).toBe("noToken"); // a begin token and what comes after
});

const model = { ...knowingModel(), tokenizer } as LanguageModel;
const table: RavelTable = {
  entityType: "city",
  entities: ["Paris", "London", "Oslo"].map((name) => ({
    name,
    attributes: { Country: "a", Mayor: "" },
    split: "train",
  })),
  templates: {
    Country: [
      { template: "in %s they are in", split: "train" },
      { template: "in %s, in", split: "train" },
      { template: "Oslo is in a, %s is in", split: "train" },
      { template: "in the long and winding country of %s in", split: "train" },
      { template: "%s", split: "test" },
    ],
    Mayor: [{ template: "%s has", split: "train" }],
  },
};

describe("buildPrompts", () => {
  it("leaves out, and counts, prompts whose entity cannot be edited or stands there twice, and prompts that are too long", () => {
    const { prompts, leftOut } = buildPrompts(splitTable(table, key(0)), model, { key: key(0), newTokens: 1 });
    expect(leftOut).toEqual({ merged: 1, noToken: 0, tooLong: 3, named: 1 });
    expect(prompts.map(({ text }) => text)).toEqual([
      "in Paris they are in",
      "Oslo is in a, Paris is in",
      "in London they are in",
      "in London, in",
      "Oslo is in a, London is in",
      "in Oslo they are in",
      "in Oslo, in",
    ]);
    expect(tokenizer.decode((prompts[0]?.ids ?? []).slice(0, (prompts[0]?.position ?? 0) + 1))).toBe("in Paris");
  });

  it("draws entities and templates when it shall not take all", () => {
    const split = splitTable(knowingTable, key(0));
    const some = buildPrompts(split, knowingModel(), { key: key(1), newTokens: 1, entities: 10, templates: 1 });
    const namesOf = (side: string) => new Set(some.prompts.filter((p) => p.split === side).map((p) => p.entity));
    expect([namesOf("train").size, namesOf("test").size, some.prompts.length]).toEqual([5, 5, 20]);
    expect(buildPrompts(split, knowingModel(), { key: key(1), newTokens: 1, entities: 0 }).prompts).toEqual([]);
  });

  it("needs a tokenizer", () => {
    const mute = { ...model, tokenizer: null };
    expect(() =>
      buildPrompts(splitTable(table, key(0)), mute, { key: key(0), newTokens: 1 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: prompts: needed the tokenizer of knowing, got a model without one; put its tokenizer.json beside it]`,
    );
  });
});
