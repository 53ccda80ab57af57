/*
 * Sparse probing on texts of one's own, by the program that users run: also what it says when they are not as they should be.
 */
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { key, sequence } from "@sae/core";
import { beforeAll, expect, test } from "vitest";
import type { StudyRecord } from "./results/resultsSchema.js";
import { hashes, runCli, temporaryFolder, words } from "./runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "./tinyModel.testkit.js";

const folder = await temporaryFolder();

/** Texts of two moods with letters of their own, and three of a third mood. */
async function writeReviews(path: string): Promise<void> {
  const next = sequence(key("reviews"));
  const word = (letters: string) => Array.from({ length: 4 }, () => letters[next() % letters.length]).join("");
  const rows = Array.from({ length: 80 }, (_, i) =>
    i % 2 ? `${word("abcd")} ${word("abcd")},5` : `${word("wxyz")} ${word("wxyz")},1`,
  );
  await writeFile(path, `body,stars\n${rows.join("\n")}\nmmm mm,3\nnnn nn,3\nooo oo,3\n,3\n`);
}

beforeAll(async () => {
  await writeTinyModel(join(folder, "tiny"));
  await writeTinyText(join(folder, "words.txt"), 1200);
  await writeReviews(join(folder, "reviews.csv"));
});

const study = (more: Readonly<Record<string, string | number>> = {}) => [
  "llm",
  ...words({
    model: "tiny",
    text: "words.txt",
    tokens: 2000,
    ctx: 16,
    "evaluation-contexts": 4,
    "held-out": 0.2,
    variants: "topk",
    baselines: "trained",
    evals: "reconstruction,probing",
    "d-sae": 12,
    l0: 2,
    steps: 20,
    batch: 64,
    lr: 0.01,
    warmup: 2,
    "probing-data-sets": "file:reviews.csv?text=body&label=stars",
    "probing-train": 20,
    "probing-test": 10,
    "probing-ks": "1,5,20",
    "probing-auc-ks": 2,
    ...more,
  }),
  "--quiet",
  "--json",
];

const scoresIn = (stdout: string) =>
  Object.fromEntries((JSON.parse(stdout) as StudyRecord).scores.map(({ measure, value }) => [measure, value]));
const reportIn = async (out: string) => readFile(join(folder, out, "report-llm-tiny/report.md"), "utf8");

test("a csv file gives a task for each class that is large enough; what is too small or too wide is said", async () => {
  const { code, stdout, stderr } = await runCli(study({ out: "own" }), folder);
  expect(code, stderr).toBe(0);
  const scores = scoresIn(stdout);
  expect(Object.keys(scores)).toEqual(
    expect.arrayContaining(["explained-variance", "probing-top-1", "probing-full", "probing-auc-2"]),
  );
  expect(scores["probing-full"]).toBeGreaterThan(0.6); // the moods have no letter in common
  const report = await reportIn("own");
  expect(report).toContain("2 tasks on 60 texts");
  expect(report).toContain("reviews: class 3 needs at least 10 texts, there are 3; it is left out");
  expect(report).toContain("probing with k = 20 needs at least 20 latents, there are 12; it is left out");
});

test("the same seed gives the same bytes, wherever the files lie", async () => {
  await rename(join(folder, "reviews.csv"), join(folder, "moved.csv"));
  const moved = { out: "again", "probing-data-sets": "file:moved.csv?text=body&label=stars&name=reviews" };
  const { code, stderr } = await runCli(study(moved), folder);
  await rename(join(folder, "moved.csv"), join(folder, "reviews.csv"));
  expect(code, stderr).toBe(0);
  const resultsOf = async (out: string) => {
    const all = await hashes(join(folder, out, "jobs"));
    const results = Object.entries(all).filter(([name]) => /^probing.*\/(result|tasks)/.test(name));
    return Object.fromEntries(results.map(([name, hash]) => [name.replace(/-[0-9a-f]+\//, "/"), hash]));
  };
  const [first, second] = [await resultsOf("own"), await resultsOf("again")];
  expect(Object.keys(first).length).toBeGreaterThan(5);
  expect(second).toEqual(first);
});

test("a column that is not there is named with those that are, and the other results are kept", async () => {
  const missing = { out: "own", "probing-data-sets": "file:reviews.csv?text=review&label=stars" };
  const { code, stdout, stderr } = await runCli(study(missing), folder);
  expect(stderr).toContain('needed a column "review", the columns are body, stars; name one of them');
  expect(code, stderr).not.toBe(0);
  const record = stdout === "" ? await readFile(join(folder, "own/report-llm-tiny/results.json"), "utf8") : stdout;
  expect(Object.keys(scoresIn(record))).toEqual(["explained-variance"]);
});

test("a file that is not there, and a name that nobody knows, are said before anything runs", async () => {
  for (const [spec, message] of [
    ["file:nowhere.csv", "data set nowhere needs a file or folder nowhere.csv"],
    ["reviews.csv", "no data set is called 'reviews.csv'; there are embedded (wordnet_people"],
    ["file:reviews.csv?column=body", "needed text, label, document, stratum, classes, name"],
  ]) {
    const { code, stderr } = await runCli(study({ out: "none", "probing-data-sets": spec }), folder);
    expect(stderr).toContain(message);
    expect(code, stderr).toBe(spec === "file:nowhere.csv" ? 3 : 2);
  }
  expect(await readdir(folder)).not.toContain("none");
});

test("an SAE with fewer latents than it should have active is refused before it is trained", async () => {
  const { code, stderr } = await runCli(study({ out: "none", "d-sae": 4, l0: 8, "probing-ks": "1" }), folder);
  expect(stderr).toContain("--l0: needed at most --d-sae");
  expect(code, stderr).toBe(2);
});
