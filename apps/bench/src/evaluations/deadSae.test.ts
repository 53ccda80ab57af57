/*
 * An SAE of which no latent is ever active: every evaluation gives what doing nothing scores, or has no score and says why. RAVEL's is in ravel.test.ts.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { arrayActivations, compileSae, fileSource, type Sae, saveSae } from "@sae/autoencoders";
import { fillNormal, key } from "@sae/core";
import { loadModel, openTexts } from "@sae/models";
import { beforeAll, expect, test } from "vitest";
import { evaluateForward } from "../jobs/evaluateSae.js";
import { type Job, jobId } from "../jobs/job.js";
import { loadJobKind } from "../jobs/kinds.js";
import { localModel } from "../jobs/languageModelInput.js";
import type { AblationJobResult, SpliceJobResult } from "../jobs/spliceJob.js";
import { localTexts } from "../jobs/textsInput.js";
import { temporaryFolder } from "../runCli.testkit.js";
import { conditionOf } from "../studies/conditions.js";
import { evaluationSections, judgeEvaluation } from "../studies/evaluationSections.js";
import { type LlmPlan, llmJobs, planLlm } from "../studies/llmPlan.js";
import type { Results } from "../studies/study.js";
import { writeTinyModel, writeTinyText } from "../tinyModel.testkit.js";
import type { AutointerpJobResult } from "./autointerp/autointerpJob.js";
import type { ProbingJobResult } from "./probing/probingJob.js";

const folder = await temporaryFolder();
const [dModel, dSae] = [8, 16];

/** Thresholds that nothing reaches. */
const dead: Sae = {
  dModel,
  dSae,
  activation: { kind: "threshold" },
  weights: {
    W_enc: fillNormal(key("encoder"), new Float32Array(dModel * dSae)),
    W_dec: fillNormal(key("decoder"), new Float32Array(dModel * dSae)),
    b_enc: new Float32Array(dSae),
    b_dec: new Float32Array(dModel),
    threshold: new Float32Array(dSae).fill(1e9),
  },
};

let plan: LlmPlan;
const done = new Map<string, unknown>();
const results: Results = {
  of: <Result>(job: Job) => (done.get(jobId(job)) ?? null) as Result | null,
  folder: (job) => join(folder, jobId(job)),
};

/** Runs a job in the folder where others look for it. */
async function run(job: Job): Promise<void> {
  const own = results.folder(job);
  await mkdir(own, { recursive: true });
  const kind = await loadJobKind(job.kind);
  const needs = Object.fromEntries(Object.entries(job.needs).map(([part, need]) => [part, results.folder(need)]));
  const result = await kind.run(kind.config.parse(job.config), {
    folder: own,
    needs,
    local: job.local,
    report: () => {},
  });
  const json = JSON.stringify(result);
  await writeFile(join(own, "result.json"), json);
  done.set(jobId(job), JSON.parse(json));
}

beforeAll(async () => {
  const model = await writeTinyModel(join(folder, "tiny"));
  const texts = await writeTinyText(join(folder, "words.txt"), 1200);
  const letters = (from: string, i: number) => [0, 1, 2].map((place) => from[Math.floor(i / 3 ** place) % 3]).join("");
  const moods = Array.from({ length: 54 }, (_, i) => `${letters(i % 2 ? "abc" : "xyz", i >> 1)},${i % 2}`);
  await writeFile(join(folder, "moods.csv"), `text,label\n${moods.join("\n")}\n`);
  const { identity, close } = await loadModel(model);
  plan = planLlm({
    model: "tiny",
    harvest: {
      model: JSON.parse(JSON.stringify(identity)),
      hook: "blocks.0.hook_resid_post",
      texts: JSON.parse(JSON.stringify((await openTexts([texts])).identity)),
      nCtx: 16,
      rows: 2000,
      evaluationContexts: 4,
    },
    heldOut: 0.1,
    dModel,
    variants: ["topk"],
    conditions: [conditionOf("trained")],
    l0s: [2],
    seeds: [0],
    recipe: { dSae, steps: 5, batch: 64, lr: 0.01, warmup: 2 },
    evaluations: [
      { id: "splice" },
      { id: "autointerp", config: { latents: 6, window: 5 } },
      { id: "probing", config: { dataSets: [`file:${join(folder, "moods.csv")}`], train: 10, test: 5, aucKs: [2] } },
    ],
    local: {},
    localModel: { ...localModel({ model }), ...localTexts({ paths: [texts], options: {} }) },
  });
  await close();
  for (const job of llmJobs([plan])) {
    await run(job);
    if (job.kind === "train") await saveSae(results.folder(job), dead);
  }
});

const resultOf = <Result>(id: string): Result => {
  const found = plan.evaluations.find(({ evaluation }) => evaluation.id === id);
  return results.of<Result>(found?.jobOf(plan.baselines.runs[0]) as Job) as Result;
};

test("reconstruction: it explains nothing, and every latent is dead", async () => {
  const x = fillNormal(key("activations"), new Float32Array(256 * dModel));
  const forward = await compileSae(dead, 64);
  const source = await fileSource(arrayActivations(x, dModel), { heldOut: 0.5 });
  const { l0, dead: share, explainedVariance } = await evaluateForward(forward, source, dSae, 64, 2);
  await forward.dispose();
  expect([l0, share]).toEqual([0, 1]);
  expect(explainedVariance).toBeLessThanOrEqual(0);
  expect(explainedVariance).toBeGreaterThan(-0.2); // zero in place of a mean near zero
});

test("splice: the losses are those of ablation by zero, which is the decoder's bias", () => {
  const { scores, losses } = resultOf<SpliceJobResult>("splice");
  const { zeroAblated, positions } = results.of<AblationJobResult>(
    plan.evaluations[0].prepared.ablation,
  ) as AblationJobResult;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  expect(scores["cross-entropy"].value).toBeCloseTo(sum(zeroAblated) / sum(positions), 5);
  expect(losses.lossRecovered.zeroAblated.mean).toBeCloseTo(0, 5);
});

test("AutoInterp: there is nothing to describe, no score, and the counts say so", () => {
  expect(resultOf<AutointerpJobResult>("autointerp")).toMatchObject({
    scores: {},
    latents: [],
    shown: [],
    counts: { dSae, dead: dSae, fitting: 0 },
  });
});

test("probing: a constant answer, right half of the time", () => {
  const { scores, messages } = resultOf<ProbingJobResult>("probing");
  expect(Object.fromEntries(Object.entries(scores).map(([id, { value }]) => [id, value]))).toEqual({
    "probing-top-1": 0.5,
    "probing-top-2": 0.5,
    "probing-top-5": 0.5,
    "probing-full": 0.5,
    "probing-auc-2": 0.5,
  });
  expect(messages).toEqual([expect.stringContaining("no latent is active on any text of the tasks")]);
});

test("the report has sections of each: of descriptions only the counts", async () => {
  const headings: string[][] = [];
  for (const evaluation of plan.evaluations) {
    const sections = await evaluationSections(judgeEvaluation(evaluation, results), results);
    headings.push(sections.map(({ heading }) => heading));
    if (evaluation.evaluation.id !== "autointerp") continue;
    const [row] = sections[0].tables?.[0].rows ?? [];
    expect(row).toEqual([2, "TopK", "Fully trained", null, null, null, null, null, 0, 100, 0, 0]);
  }
  expect(headings).toEqual([
    ["Predictions with the reconstruction in place of the activations", "Losses of every SAE"],
    ["What latents are about (n-grams)"],
    ["Sparse probing", "Sparse probing, by data set"],
  ]);
});
