import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileEncoder, loadSae } from "@sae/autoencoders";
import { loadModel, openHarvest, openTexts } from "@sae/models";
import { beforeAll, describe, expect, test } from "vitest";
import { activationsOf } from "../../jobs/harvestFolder.js";
import { type Job, type JobContext, jobId } from "../../jobs/job.js";
import { loadJobKind } from "../../jobs/kinds.js";
import { localModel } from "../../jobs/languageModelInput.js";
import { localTexts } from "../../jobs/textsInput.js";
import { temporaryFolder } from "../../runCli.testkit.js";
import { conditionOf } from "../../studies/conditions.js";
import { evaluationSections, judgeEvaluation } from "../../studies/evaluationSections.js";
import { type LlmPlan, llmJobs, planLlm } from "../../studies/llmPlan.js";
import type { Results } from "../../studies/study.js";
import { writeTinyModel, writeTinyText } from "../../tinyModel.testkit.js";
import { type AutointerpJobResult, unfinishedFolder } from "./autointerpJob.js";
import { latentActivations } from "./latentActivations.js";

const folder = await temporaryFolder();
const nCtx = 24;
let plan: LlmPlan;
const done = new Map<string, unknown>();

/** Runs a job in a folder. */
async function runJob(
  job: Job,
  own = join(folder, jobId(job)),
  report: JobContext["report"] = () => {},
): Promise<unknown> {
  await mkdir(own, { recursive: true });
  const kind = await loadJobKind(job.kind);
  const needs = Object.fromEntries(Object.entries(job.needs).map(([part, need]) => [part, join(folder, jobId(need))]));
  const result = await kind.run(job.config, { folder: own, needs, local: job.local, report });
  return JSON.parse(JSON.stringify(result));
}

beforeAll(async () => {
  const model = await writeTinyModel(join(folder, "tiny"));
  const texts = await writeTinyText(join(folder, "words.txt"), 2500);
  const { identity, close } = await loadModel(model);
  const local = { ...localModel({ model }), ...localTexts({ paths: [texts], options: {} }) };
  plan = planLlm({
    model: "tiny",
    harvest: {
      model: JSON.parse(JSON.stringify(identity)),
      // Here the token decides alone.
      hook: "hook_embed",
      texts: JSON.parse(JSON.stringify((await openTexts([texts])).identity)),
      nCtx,
      rows: 6000,
      evaluationContexts: 5,
    },
    heldOut: 0.1,
    dModel: 8,
    variants: ["topk"],
    conditions: [conditionOf("trained"), conditionOf("random")],
    l0s: [2],
    seeds: [0],
    recipe: { dSae: 32, steps: 30, batch: 64, lr: 0.01, warmup: 2 },
    evaluations: [{ id: "autointerp", config: { latents: 12, window: 7 } }],
    local: {},
    localModel: local,
  });
  await close();
  for (const job of llmJobs([plan])) done.set(jobId(job), await runJob(job));
});

const results: Results = {
  of: <Result>(job: Job) => (done.get(jobId(job)) ?? null) as Result | null,
  folder: (job) => join(folder, jobId(job)),
};
const evaluationOf = (condition: string): Job => {
  const [{ jobOf, plan: evaluated }] = plan.evaluations;
  return jobOf(evaluated.runs.find((run) => run.condition.id === condition) as (typeof evaluated.runs)[number]);
};
const resultOf = (condition: string) => results.of<AutointerpJobResult>(evaluationOf(condition)) as AutointerpJobResult;

test("the latents of a harvest are those of its rows, context by context", async () => {
  const sae = await loadSae(results.folder(plan.baselines.runs[0].job));
  const harvest = await openHarvest(activationsOf(results.folder(plan.harvest)));
  const { rows, dModel, counts } = harvest.manifest;
  const x = new Float32Array(rows * dModel);
  await harvest.activations.readRange(0, rows, x);
  const encoder = await compileEncoder(sae, rows);
  const whole = await encoder.run(x);
  const latents = await latentActivations(harvest, sae, String);
  const places = await harvest.places(Array.from({ length: rows }, (_, row) => row));
  let [row, entry, contexts] = [0, 0, 0];
  for await (const codes of latents.contexts()) {
    expect(codes.context).toBe(contexts++);
    expect(Array.from(codes.ids)).toEqual([...(await harvest.context(codes.context)).tokens]);
    for (const position of Array.from(codes.positions)) {
      expect([codes.context, position, codes.ids[position]]).toEqual([
        places.contexts[row],
        places.positions[row],
        places.tokens[row],
      ]);
      row++;
    }
    for (const [i, own] of Array.from(codes.rows).entries()) {
      expect(own + row - codes.positions.length).toBe(whole.rows[entry]);
      expect(codes.latents[i]).toBe(whole.latents[entry]);
      expect(codes.values[i]).toBeCloseTo(whole.values[entry], 5);
      entry++;
    }
  }
  expect([row, entry, contexts]).toEqual([rows, whole.rows.length, counts.contexts]);

  // Of so many tokens only: whole contexts, as many as have no more.
  const firstRow = await harvest.contextRows();
  for (const [tokens, most] of [
    [firstRow[3], 3],
    [firstRow[3] - 1, 2],
    [0, 0],
    [rows + 1, counts.contexts],
  ]) {
    const some = await latentActivations(harvest, sae, String, { tokens });
    const read: number[] = [];
    for await (const { context } of some.contexts()) read.push(context);
    expect(read, `${tokens} tokens`).toEqual(Array.from({ length: most }, (_, i) => i));
    await some.dispose();
  }
  await Promise.all([latents.dispose(), encoder.dispose(), harvest.close()]);
});

describe("the job", () => {
  test("scores latents with their own description, and with another's as a control", () => {
    const { scores, counts, latents, tokens, explainer, judge, shown } = resultOf("trained");
    expect([explainer, judge, tokens]).toEqual(["ngram", "ngram", 6000]);
    expect(counts).toMatchObject({ dSae: 32, drawn: 12 });
    expect(latents).toHaveLength(12 - counts.dense);
    const accuracyOf = latents.map(({ judgement: { truePositives, trueNegatives, falsePositives, falseNegatives } }) =>
      truePositives + falseNegatives === trueNegatives + falsePositives
        ? (truePositives + trueNegatives) / (2 * (truePositives + falseNegatives))
        : Number.NaN,
    );
    expect(scores["autointerp-accuracy"].units.map(({ value }) => value)).toEqual(accuracyOf);
    expect(scores["autointerp-accuracy"].units[0].id).toBe(`latent ${latents[0].latent}`);
    expect(scores["autointerp-accuracy"].value).toBeGreaterThan(0.7);
    expect(Math.abs(scores["autointerp-shuffled"].value - 0.5)).toBeLessThan(0.12);
    expect(latents.some(({ description }) => description.startsWith("‘"))).toBe(true);
    const score = (latent: number) => accuracyOf[latents.findIndex((one) => one.latent === latent)];
    const order = shown.map(({ latent }) => score(latent));
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect([order[0], order[3]]).toEqual([Math.max(...accuracyOf), Math.min(...accuracyOf)]);
    expect(shown[0].sequences[0].tokens).toHaveLength(7);
  });

  test("that was stopped asks for nothing that it has, and gives the same", async () => {
    const job = evaluationOf("random");
    const own = join(folder, "stopped");
    const stopped = runJob(job, own, ({ text }) => {
      if (text.endsWith("judged")) throw new Error("stopped");
    });
    await expect(stopped).rejects.toThrow("stopped");
    const kept = unfinishedFolder(own);
    const explanations = await readdir(join(kept, "explanations"));
    expect(explanations).toHaveLength(resultOf("random").latents.length);
    const [file] = explanations;
    const path = join(kept, "explanations", file);
    const explanation = await readFile(path, "utf8");
    // A word that nobody would say again.
    await writeFile(path, JSON.stringify({ ...JSON.parse(explanation), text: "kept" }));
    const copy = join(folder, "copy");
    await cp(own, copy, { recursive: true });
    const { latents } = (await runJob(job, copy)) as AutointerpJobResult;
    expect(latents.filter(({ description }) => description === "kept")).toHaveLength(1);
    await writeFile(path, explanation);
    expect(await runJob(job, own)).toEqual(resultOf("random"));
    expect(await readdir(own)).toEqual([]);
  });

  test("without a latent that can be judged there is no score", async () => {
    const job = evaluationOf("random");
    const config = { ...(job.config as { collect: object }) };
    const none = { ...job, config: { ...config, collect: { ...config.collect, fewestJudged: 1e6 } } };
    const result = (await runJob(none, join(folder, "none"))) as AutointerpJobResult;
    expect(result).toMatchObject({ scores: {}, latents: [], shown: [], counts: { fitting: 0 } });
  });
});

test("the report has the comparison, every condition, the distribution and texts", async () => {
  const judged = judgeEvaluation(plan.evaluations[0], results);
  expect(judged.judged.map(({ measure }) => measure.id)).toEqual(["autointerp-accuracy", "autointerp-shuffled"]);
  const [, section] = await evaluationSections(judged, results);
  expect(section.heading).toBe("What latents are about (n-grams)");
  expect(section.prose?.join(" ")).toContain("no language model's score");
  const [table] = section.tables ?? [];
  expect(table.rows.map((row) => row.slice(0, 3))).toEqual([
    [2, "TopK", "Fully trained"],
    [2, "TopK", "Random"],
  ]);
  const { scores, latents } = resultOf("trained");
  const [, , , accuracy, balanced, corrected, above, shuffled, count, dead, leftOut, unreadable] = table.rows[0];
  expect(accuracy).toBeCloseTo(scores["autointerp-accuracy"].value);
  expect(balanced).toBeCloseTo(accuracy as number);
  expect(corrected).toBeCloseTo(2 * (accuracy as number) - 1);
  expect(above).toMatchObject({ method: "wilson", n: latents.length });
  expect(shuffled).toBeCloseTo(scores["autointerp-shuffled"].value);
  expect(count).toBe(latents.length);
  expect([dead, leftOut, unreadable].every((value) => typeof value === "number")).toBe(true);
  const [figure] = section.figures ?? [];
  expect(figure).toMatchObject({ id: "autointerp-distribution", data: { length: 2 * latents.length } });
  expect(section.contexts).toHaveLength(1); // controls show no texts
  const [{ id, latents: texts }] = section.contexts ?? [];
  expect(id).toBe("autointerp-contexts-topk-trained");
  expect(texts).toHaveLength(4);
  expect(texts[0].sequences[0].activations.some((value) => value > 0)).toBe(true);
});
