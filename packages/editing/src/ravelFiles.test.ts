import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubServer, startHubServer } from "../../models/src/hubServer.testkit.js";
import { fetchRavelTable } from "./fetchRavelTable.js";
import { loadRavelTable } from "./ravelFiles.js";

const parts = {
  entity_attributes: { Paris: { Country: "France" }, Lima: { Country: "Peru" } },
  attribute_to_prompts: { Country: ["%s is in"] },
  entity_to_split: { Paris: "train", Lima: "test" },
  prompt_to_split: { "%s is in": "train" },
};
const files = Object.fromEntries(
  Object.entries(parts).map(([part, content]) => [`ravel_city_${part}.json`, JSON.stringify(content)]),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-editing-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a folder of RAVEL's files", () => {
  it("is a table", async () => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const table = await loadRavelTable(folder, "city");
    expect(table.entities).toEqual([
      { name: "Paris", attributes: { Country: "France" }, split: "train" },
      { name: "Lima", attributes: { Country: "Peru" }, split: "test" },
    ]);
  });

  it("says which file is missing, or is none", async () => {
    await expect(loadRavelTable(folder, "verb")).rejects.toThrow(
      /needed .*ravel_verb_entity_attributes.json, and it cannot be read; name the folder/,
    );
    await writeFile(join(folder, "ravel_verb_entity_attributes.json"), "{");
    await expect(loadRavelTable(folder, "verb")).rejects.toThrow(/is not JSON; was it cut short/);
  });
});

describe("a data set of the hub", () => {
  let hub: HubServer;
  beforeAll(async () => {
    const inFolder = Object.fromEntries(Object.entries(files).map(([name, content]) => [`base/${name}`, content]));
    hub = await startHubServer({
      "org/ravel": { kind: "dataset", commits: [{ refs: ["main"], files: { ...inFolder, "README.md": "#" } }] },
    });
  });
  afterAll(() => hub.close());

  it("is a table, wherever in it the files are", async () => {
    const options = { endpoint: hub.endpoint, cacheDir: join(folder, "cache"), token: null, retries: 0 };
    const { entities } = await fetchRavelTable({ repo: "org/ravel", ...options }, "city");
    expect(entities.map(({ name }) => name)).toEqual(["Paris", "Lima"]);
    await expect(fetchRavelTable({ repo: "org/ravel", ...options }, "verb")).rejects.toThrow(/no file matches/);
  });
});

const shared = join(process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../shared"), "data/ravel");
const there = existsSync(shared);
if (!there) console.info(`skipped: the tables of RAVEL are not in ${shared}`);

describe.skipIf(!there)("RAVEL itself", () => {
  it.each([
    ["city", 3552, { Country: 46, Continent: 43, Latitude: 42, Longitude: 25, Language: 44, Timezone: 73 }],
    ["nobel_prize_winner", 928, { Field: 64, "Award Year": 66, "Birth Year": 68, "Country of Birth": 67, Gender: 36 }],
    ["occupation", 799, { Duty: 25, "Gender Bias": 8, Industry: 34, "Work Location": 25 }],
    ["physical_object", 563, { Category: 54, Color: 37, Size: 38, Texture: 36 }],
    ["verb", 986, { Definition: 89, Singular: 93, "Past Tense": 87, Pronunciation: 90 }],
  ])("%s: %i entities, each on one side", async (entityType, count, templates) => {
    const table = await loadRavelTable(shared, entityType);
    expect(table.entities).toHaveLength(count);
    expect(table.entities.every(({ split }) => split === "train" || split === "test")).toBe(true);
    expect(Object.fromEntries(Object.entries(table.templates).map(([name, list]) => [name, list.length]))).toEqual(
      templates,
    );
    expect(
      Object.values(table.templates)
        .flat()
        .every(({ split }) => split !== undefined),
    ).toBe(true);
  });
});
