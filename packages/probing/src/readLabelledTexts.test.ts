import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { datasetFiles, datasetHash } from "./datasetFiles.js";
import { findProbingDatasets, probingDatasets } from "./datasets/probingDatasets.js";
import { defineProbingDataset, type ProbingDataset } from "./probingDataset.js";
import { readLabelledTexts } from "./readLabelledTexts.js";
import type { TableSource } from "./tableSource.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "probing-"));
  const files: Record<string, string | Buffer> = {
    "reviews/train.csv": 'stars,text,shop\n5,"good, cheap",a\n1,bad,b\n5,fine,a\n',
    "reviews/test.csv": "stars,text,shop\n1,poor,b\n5,,a\n,odd,a\n",
    "words/animal.txt": "ant\nbee\n",
    "words/fruit.txt": Buffer.from("p\xeache\n", "latin1"),
    "org/name/data/rows.jsonl": '{"text": "a", "label": 0}\n{"text": "b", "label": 1}\n',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tables = (texts: TableSource, rest: Partial<ProbingDataset> = {}) =>
  defineProbingDataset({ name: "set", title: "Set", family: "other", source: "a shop", texts, ...rest });

const reviews: TableSource = {
  files: /^reviews\/.*\.csv$/,
  text: "text",
  label: "stars",
  stratum: "shop",
  split: { train: /train/, test: /test/ },
};

test("rows of tables, with the side that their file is on; rows without a text or a label are none", async () => {
  expect(await readLabelledTexts(tables(reviews), folder)).toEqual([
    { text: "poor", label: "1", stratum: "b", split: "test" },
    { text: "", label: "5", stratum: "a", split: "test" },
    { text: "odd", label: "", stratum: "a", split: "test" },
    { text: "good, cheap", label: "5", stratum: "a", split: "train" },
    { text: "bad", label: "1", stratum: "b", split: "train" },
    { text: "fine", label: "5", stratum: "a", split: "train" },
  ]);
});

test("a file for each class, a text on each line", async () => {
  const words = tables({
    files: /^words\//,
    format: "lines",
    latin1: /fruit/,
    text: "text",
    label: (_row, file) => file.replace(/^words\/|\.txt$/g, ""),
    document: ({ text }) => String(text).slice(0, 1),
  });
  expect(await readLabelledTexts(words, folder)).toEqual([
    { text: "ant", label: "animal", document: "a" },
    { text: "bee", label: "animal", document: "b" },
    { text: "pêche", label: "fruit", document: "p" },
  ]);
});

test("sets of the hub are in the folder of their id", async () => {
  const hub = tables({ hub: "org/name", files: /\.jsonl$/, text: "text", label: "label" });
  expect(await readLabelledTexts(hub, folder)).toEqual([
    { text: "a", label: "0" },
    { text: "b", label: "1" },
  ]);
});

test("texts that a function returns", async () => {
  const made = { ...tables(reviews), texts: () => [{ text: "a", label: "b" }] };
  expect(await readLabelledTexts(made, "nowhere")).toEqual([{ text: "a", label: "b" }]);
});

test("of large data no more than is wanted", async () => {
  const one = await readLabelledTexts(tables(reviews, { classes: [{ name: "good", labels: ["5"] }] }), folder, {
    most: 1,
  });
  expect(one.map(({ text }) => text)).toEqual(["", "good, cheap"]);
  // A file is left behind when its rows are not needed any more.
  const impatient = await readLabelledTexts(tables({ ...reviews, files: /train/ }), folder, { most: 1, patience: 1 });
  expect(impatient.map(({ text }) => text)).toEqual(["good, cheap", "bad"]);
});

test("data is known by names and contents", async () => {
  const before = datasetHash(tables(reviews), reviews, folder);
  expect(datasetHash(tables(reviews), { ...reviews, files: /train/ }, folder)).not.toBe(before);
  await writeFile(join(folder, "reviews/test.csv"), "stars,text,shop\n1,worse,b\n");
  expect(datasetHash(tables(reviews), reviews, folder)).not.toBe(before);
});

test("says which files are missing", () => {
  const nothing = { ...reviews, files: /^none/ };
  expect(() => datasetFiles(tables(nothing), nothing, folder)).toThrow(
    `data set set needs files that match /^none/ below ${folder}, there are none; get them (a shop) or leave the data set out`,
  );
  expect(() => datasetFiles(tables(reviews), reviews, join(folder, "no such folder"))).toThrow("there are none");
});

describe("data sets that are known", () => {
  it("have different names, and classes to ask for", () => {
    const all = Object.values(probingDatasets).flat();
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name, classes, positives = [] } of all) {
      if (classes === undefined) continue;
      const names = classes.map((one) => one.name);
      expect(new Set(names).size, name).toBe(names.length);
      for (const positive of positives) expect(names).toContain(positive);
      const labels = classes.flatMap((one) => one.labels ?? [one.name]);
      expect(new Set(labels).size, name).toBe(labels.length);
    }
    expect(probingDatasets.saebench.length).toBe(8);
    expect(probingDatasets.saebench.reduce((sum, { classes = [] }) => sum + classes.length, 0)).toBe(36);
  });
  it("are found by name and by group", () => {
    expect(findProbingDatasets(["ag_news", "saebench"]).map(({ name }) => name)).toContain("europarl");
    expect(findProbingDatasets(["ag_news", "saebench"]).length).toBe(8);
    expect(() => findProbingDatasets(["toString"])).toThrow("no data set is called 'toString'; there are saebench (");
  });
  it("SAEBench's read rows as the hub has them", () => {
    const cells = (name: string, row: Record<string, unknown>, file = "data/train-00000-of-00001.parquet") => {
      const { texts } = findProbingDatasets([name])[0] as ProbingDataset & { texts: TableSource };
      const cell = (from: TableSource["text"]) => (typeof from === "string" ? String(row[from]) : from(row, file));
      return texts.files.test(file) ? [cell(texts.text), cell(texts.label)] : null;
    };
    expect(cells("bias_in_bios_1", { hard_text: "She …", profession: 6n, gender: 1n })).toEqual(["She …", "6"]);
    expect(cells("amazon_sentiment", { text: "Fine", rating: 5.0, category: 1 })).toEqual(["Fine", "5"]);
    expect(cells("github_code", { content: `${"/".repeat(600)}end`, path: "src/main.c" })).toEqual([
      `${"/".repeat(450)}end`,
      "c",
    ]);
    expect(cells("github_code", { content: "short", path: "a.py" })?.[0]).toBeUndefined();
    const pair = { translation: { es: "hola", fr: "salut" } };
    expect(cells("europarl", pair, "es-fr/train-00000-of-00001.parquet")).toEqual(["hola", "es"]);
    expect(cells("europarl", pair, "bg-cs/train-00000-of-00001.parquet")).toBeNull();
  });
});

/** Real data; which texts are there, stands in the README of that folder. */
const data = join(process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../shared"), "data");
describe.skipIf(!existsSync(data))(`real data sets (skipped unless there is ${data})`, () => {
  const counted = async (name: string) => {
    const [dataset] = findProbingDatasets([name]);
    const counts: Record<string, number> = {};
    const known = new Map(
      dataset.classes?.flatMap((one) => (one.labels ?? [one.name]).map((label) => [label, one.name])),
    );
    for (const { label } of await readLabelledTexts(dataset, data)) {
      const className = known.get(label) ?? label;
      counts[className] = (counts[className] ?? 0) + 1;
    }
    return counts;
  };
  it.each([
    ["ag_news_csv", { World: 1900, Sports: 1900, Business: 1900, "Sci/Tech": 1900 }],
    ["lingua", { English: 1000, French: 1000, German: 1000, Spanish: 1000, Dutch: 1000 }],
    ["158_code_C", { C: 2000, "other languages": 2000 }],
    ["59_wikidata_occupation_isjournalist", { "0": 1000, "1": 1000 }],
    ["56_wikidatasex_or_gender", { male: 2500, female: 2500 }],
  ])("%s", async (name, classes) => {
    expect(await counted(name)).toEqual(classes);
  });
  it("fdu_category and fdu_sentiment, of which a file is in Latin-1", async () => {
    const categories = await counted("fdu_category");
    expect(Object.keys(categories).length).toBe(14);
    expect(categories.dvd).toBe(2000);
    const [dataset] = findProbingDatasets(["fdu_sentiment"]);
    const texts = await readLabelledTexts(dataset, data);
    expect(new Set(texts.map(({ label }) => label))).toEqual(new Set(["0", "1"]));
    // One review has U+FFFD in its file; bytes that are no UTF-8 would have made it many.
    expect(texts.filter(({ text }) => text.includes("\ufffd")).length).toBe(1);
    expect(new Set(texts.map(({ split }) => split))).toEqual(new Set(["train", "test"]));
  });
  it("bios_sample has 28 professions, linguist_code files that are long enough", async () => {
    const professions = await counted("bios_sample");
    expect(Object.keys(professions).length).toBe(28);
    expect(professions.nurse).toBe(10);
    expect((await counted("linguist_code")).C).toBeGreaterThan(30);
  });
  it("the files of every set of SAE-Probes are there", () => {
    for (const dataset of probingDatasets["sae-probes"]) {
      expect(datasetFiles(dataset, dataset.texts as TableSource, data).length, dataset.name).toBe(1);
    }
  });
});
