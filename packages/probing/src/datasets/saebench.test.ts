/*
 * SAEBench's data sets from a hub on this machine, whose repositories have the files and columns of those on huggingface.co.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HubServer, startHubServer } from "../../../models/src/hubServer.testkit.js";
import { commitsOf, hubReference, openDatasetFiles } from "../datasetFiles.js";
import { readLabelledTexts } from "../readLabelledTexts.js";
import type { TableSource } from "../tableSource.js";
import { saebenchDatasets } from "./saebench.js";

const parquet = (...columnData: ColumnSource[]) => new Uint8Array(parquetWriteBuffer({ columnData }));
const strings = (name: string, ...data: string[]): ColumnSource => ({ name, data, type: "STRING" });
const integers = (name: string, ...data: number[]): ColumnSource => ({ name, data: data.map(BigInt), type: "INT64" });
const pairs = (...data: Record<string, string>[]) => parquet({ name: "translation", data, type: "JSON" });

const biographies = (text: string) =>
  parquet(strings("hard_text", text, "Someone else"), integers("profession", 13, 3), integers("gender", 1, 0));
const reviews = (...texts: string[]) =>
  parquet(
    { name: "rating", data: texts.map((_, i) => (i % 2 ? 5 : 1)), type: "DOUBLE" },
    strings("title", ...texts),
    strings("text", ...texts),
    integers("category", ...texts.map((_, i) => (i % 2 ? 6 : 1))),
  );
const program = `${"/".repeat(150)}${"x".repeat(500)}`;

let hub: HubServer;
let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "saebench-"));
  const dataset = (files: Record<string, Uint8Array | string>) =>
    ({ kind: "dataset", commits: [{ refs: ["main"], files: { "README.md": "#", ...files } }] }) as const;
  hub = await startHubServer({
    "LabHC/bias_in_bios": dataset({
      "data/dev-00000-of-00001-e6551072fff26949.parquet": biographies("not read"),
      "data/test-00000-of-00001-5598c840ce8de1ee.parquet": biographies("She nurses"),
      "data/train-00000-of-00001-0ab65b32c47407e8.parquet": biographies("He nurses"),
    }),
    "canrager/amazon_reviews_mcauley_1and5": dataset({
      "data/test-00000-of-00001.parquet": reviews("bad toy", "good phone"),
      "data/train-00000-of-00002.parquet": reviews("worse toy"),
      "data/train-00001-of-00002.parquet": reviews("broken", "works"),
    }),
    "codeparrot/github-code": dataset({
      "data/train-00000-of-01126.parquet": parquet(
        strings("content", program, "short", program),
        strings("path", "src/main.c", "a.py", "Main.java"),
      ),
      "data/train-00001-of-01126.parquet": parquet(strings("content", program), strings("path", "index.php")),
    }),
    "fancyzhx/ag_news": dataset({
      "data/test-00000-of-00001.parquet": parquet(strings("text", "A match"), integers("label", 1)),
      "data/train-00000-of-00001.parquet": parquet(strings("text", "A war"), integers("label", 0)),
    }),
    "Helsinki-NLP/europarl": dataset({
      "bg-cs/train-00000-of-00001.parquet": pairs({ bg: "б", cs: "č" }),
      "en-fr/train-00000-of-00002.parquet": pairs({ en: "Hello", fr: "Bonjour" }),
      "en-fr/train-00001-of-00002.parquet": pairs({ en: "Bye", fr: "Adieu" }),
      "fr-it/train-00000-of-00001.parquet": pairs({ fr: "Oui", it: "Sì" }),
      "de-en/train-00000-of-00001.parquet": pairs({ de: "Ja", en: "Yes" }),
      "es-fr/train-00000-of-00001.parquet": pairs({ es: "Sí", fr: "Oui" }),
      "nl-pt/train-00000-of-00001.parquet": pairs({ nl: "Ja", pt: "Sim" }),
    }),
  });
});
afterAll(async () => {
  await hub.close();
  await rm(cacheDir, { recursive: true, force: true });
});

const options = () => ({ endpoint: hub.endpoint, cacheDir, token: null, retries: 0 });
const find = (name: string) => {
  const dataset = saebenchDatasets.find((one) => one.name === name);
  if (dataset === undefined) throw new Error(name);
  return { dataset, texts: dataset.texts as TableSource };
};
const read = async (name: string) => readLabelledTexts(find(name).dataset, undefined, { hub: options() });

const official = (text: string, label: string, split: string) => expect.objectContaining({ text, label, split });
test.each([
  ["bias_in_bios_1", []],
  ["bias_in_bios_2", [official("She nurses", "13", "test"), official("He nurses", "13", "train")]],
  ["bias_in_bios_3", []],
  [
    "amazon_category",
    [
      official("bad toy", "1", "test"),
      official("good phone", "6", "test"),
      official("worse toy", "1", "train"),
      official("broken", "1", "train"),
      official("works", "6", "train"),
    ],
  ],
  [
    "amazon_sentiment",
    [
      official("bad toy", "1", "test"),
      official("good phone", "5", "test"),
      official("worse toy", "1", "train"),
      official("broken", "1", "train"),
      official("works", "5", "train"),
    ],
  ],
  [
    "github_code",
    [
      { text: "x".repeat(500), label: "c" },
      { text: "x".repeat(500), label: "java" },
    ],
  ],
  ["ag_news", [official("A match", "1", "test"), official("A war", "0", "train")]],
  [
    "europarl",
    [
      { text: "Ja", label: "de" },
      { text: "Hello", label: "en" },
      { text: "Sí", label: "es" },
      { text: "Oui", label: "fr" },
      { text: "Ja", label: "nl" },
    ],
  ],
])("%s", async (name, texts) => {
  expect(await read(name)).toEqual(texts);
});

test("no more is fetched than is read", () => {
  const fetched = hub.requests.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path);
  expect(fetched.length).toBe(2 + 3 + 1 + 2 + 5); // each file once, though two sets share a repository, and three
  expect(fetched.filter((path) => /dev-|bg-cs|00001-of-01126|en-fr\/train-00001/.test(path))).toEqual([]);
});

test("the commit that was read is known; without the hub what is in the cache is read", async () => {
  const { dataset, texts } = find("ag_news");
  expect(hubReference(texts)).toBe("hf:fancyzhx/ag_news");
  const before = hub.requests.length;
  const files = await openDatasetFiles(dataset, texts, undefined, { ...options(), offline: true });
  expect(commitsOf(files)).toEqual([hub.commit("fancyzhx/ag_news")]);
  expect(hub.requests.length).toBe(before);
  const empty = { ...options(), cacheDir: join(cacheDir, "empty"), offline: true };
  await expect(openDatasetFiles(dataset, texts, undefined, empty)).rejects.toMatchObject({ code: "hub_offline" });
});
