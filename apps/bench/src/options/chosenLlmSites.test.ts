import { registry } from "@sae/models";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { jobId, neededJobs } from "../jobs/job.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import { temporaryFolder } from "../runCli.testkit.js";
import { knownConfigs } from "../studies/knownConfigs.js";
import { type LlmPlan, llmJobs, planLlm } from "../studies/llmPlan.js";
import { llmPresets } from "../studies/presets.js";
import { type ChosenSites, chosenLlmSites } from "./chosenLlmSites.js";
import { llmOptions } from "./llmOptions.js";
import { machineOf } from "./machineOptions.js";
import { cittyArgs } from "./option.js";
import { readArguments, readValues } from "./readArguments.js";

const folder = await temporaryFolder();
beforeAll(() => {
  // Nothing may be fetched, and nothing is in this cache.
  vi.stubEnv("HF_HOME", folder);
  vi.stubEnv("HF_HUB_CACHE", undefined);
  vi.stubEnv("HUGGINGFACE_HUB_CACHE", undefined);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  return () => vi.unstubAllEnvs();
});

const names = ["quick", "standard", "laptop", "paper"] as const;
const options = llmOptions(names, "standard");

/** What a command line chooses. */
function chosen(...words: string[]): Promise<ChosenSites> {
  const values = readValues(options, readArguments(words, cittyArgs(options), "llm"));
  const preset = llmPresets[values.preset ?? "standard"];
  return chosenLlmSites({ ...values, out: undefined }, preset, machineOf({ dryRun: true }));
}

describe("the paper's study is planned without a model or a text on this machine", () => {
  let plans: readonly LlmPlan[];
  let missing: readonly string[];
  beforeAll(async () => {
    const found = await chosen("--preset", "paper");
    plans = found.sites.map(planLlm);
    missing = found.missing;
  });

  test("at its three sites, at their widths", () => {
    expect(missing).toEqual(["hf:Skylion007/openwebtext", "google/gemma-2-2b", "meta-llama/Llama-3.1-8B"]);
    expect(
      plans.map(({ options: { model, harvest, dModel, recipe } }) => [model, harvest.hook, dModel, recipe.dSae]),
    ).toEqual([
      ["google/gemma-2-2b", "blocks.12.hook_resid_post", 2304, 73_728],
      ["google/gemma-2-2b", "blocks.19.hook_resid_post", 2304, 73_728],
      ["meta-llama/Llama-3.1-8B", "blocks.16.hook_resid_post", 4096, 131_072],
    ]);
    for (const { options: site } of plans) expect(site.harvest).toMatchObject({ nCtx: 512, rows: 500e6 });
  });

  test("with four architectures, trained and as five baselines, at five targets, in one pass over the activations", () => {
    for (const { baselines, options: site } of plans) {
      expect(baselines.runs).toHaveLength(4 * 6 * 5);
      expect(site.l0s).toEqual([80, 115, 160, 225, 320]);
      const { recipe } = baselines.runs[0].job.config as TrainConfig;
      expect(recipe).toMatchObject({ lr: 2e-4, batch: 4096 });
      expect(Math.abs(recipe.steps * recipe.batch - 500e6)).toBeLessThan(recipe.batch);
    }
  });

  test("with evaluations of its sizes: latents are explained at L0 160", () => {
    for (const { evaluations } of plans) {
      const [, , autointerp, probing, ravel] = evaluations;
      expect(evaluations.map(({ evaluation }) => evaluation.id)).toEqual([
        "reconstruction",
        "splice",
        "autointerp",
        "probing",
        "ravel",
      ]);
      expect(autointerp.config).toMatchObject({ latents: 200, examples: 15, judged: 50, deadBelow: 1e-6 });
      expect(new Set(autointerp.plan.runs.map(({ l0 }) => l0))).toEqual(new Set([160]));
      expect(probing.config).toMatchObject({ dataSets: ["saebench"], train: 2000, test: 500, tokens: 128 });
      expect(ravel.config).toMatchObject({ trainPairs: 3500, testPairs: 1500, epochs: 2, batch: 8, lr: 1e-3 });
    }
  });

  test("with costs of every job", () => {
    for (const job of llmJobs(plans)) {
      const { flops, scalarOps, memoryBytes } = job.cost?.() ?? { flops: 0, scalarOps: 0, memoryBytes: 0 };
      expect(flops + scalarOps, job.title).toBeGreaterThan(0);
      expect(memoryBytes, job.title).toBeGreaterThan(0);
    }
    // 2 bytes a number, 12 a row.
    expect(plans[0].harvest.cost?.()?.diskBytes).toBe(500e6 * (2304 * 2 + 12));
  });
});

describe("sites", () => {
  test("are every hook that was given, and have their names in titles", async () => {
    const hooks = ["blocks.0.hook_resid_post", "blocks.2.hook_resid_post"];
    const { sites, missing } = await chosen("--hook", hooks.join(","), "--variants", "topk", "--l0", "32");
    expect(missing).toEqual([]);
    expect(sites.map(({ site, harvest }) => [site, harvest.hook])).toEqual(hooks.map((hook) => [hook, hook]));
    const titles = llmJobs(sites.map(planLlm)).map(({ title }) => title);
    expect(titles).toContain("blocks.2.hook_resid_post: topk fully trained");
    expect(titles).toContain("RAVEL: pairs for blocks.2.hook_resid_post");
  });

  test("read the tables and texts of all evaluations before anything is trained, and nothing before what it needs", async () => {
    const hooks = "blocks.0.hook_resid_post,blocks.2.hook_resid_post";
    const { sites } = await chosen("--hook", hooks, "--variants", "topk", "--l0", "32");
    const jobs = llmJobs(sites.map(planLlm));
    const kinds = jobs.map(({ kind }) => kind);
    for (const kind of ["probing-texts", "ravel-pairs"]) {
      expect(kinds.filter((one) => one === kind)).toHaveLength(2);
      expect(kinds.lastIndexOf(kind), kind).toBeLessThan(kinds.indexOf("harvest"));
    }
    expect(kinds.indexOf("train")).toBeGreaterThan(kinds.indexOf("harvest"));
    const ids = jobs.map(jobId);
    jobs.forEach((job, i) => {
      for (const need of neededJobs(job)) expect(ids.indexOf(jobId(need)), job.title).toBeLessThan(i);
    });
  });

  test("alone have the jobs that they have among others", async () => {
    const idsOf = async (hooks: string) => {
      const { sites } = await chosen("--hook", hooks, "--variants", "topk", "--l0", "32");
      return sites.map((site) => llmJobs([planLlm(site)]).map(jobId));
    };
    const [alone] = await idsOf("blocks.2.hook_resid_post");
    expect(await idsOf("blocks.0.hook_resid_post,blocks.2.hook_resid_post")).toContainEqual(alone);
    const { sites } = await chosen("--hook", "blocks.2.hook_resid_post", "--variants", "topk", "--l0", "32");
    expect(sites[0].site).toBeUndefined();
    expect(planLlm(sites[0]).baselines.runs[0].job.title).toBe("topk fully trained");
  });

  test("that a model does not have are refused", async () => {
    await expect(chosen("--hook", "blocks.99.hook_resid_post")).rejects.toMatchObject({ code: "unknown_hook" });
  });
});

test("a preset's targets of evaluations follow those of the study", async () => {
  const { sites } = await chosen("--preset", "paper", "--l0", "32,64");
  expect(sites[0].evaluations.find(({ id }) => id === "autointerp")?.l0s).toEqual([32]);
});

test("architectures that were named are all evaluated, also where a preset takes three of all", async () => {
  const ravelOf = async (...words: string[]) => {
    const { sites } = await chosen("--preset", "quick", ...words);
    return sites[0].evaluations.find(({ id }) => id === "ravel")?.variants;
  };
  expect(await ravelOf()).toEqual(["topk", "batchtopk", "jumprelu"]);
  expect(await ravelOf("--variants", "topk,batchtopk")).toBeUndefined();
  expect(await ravelOf("--variants", "topk,batchtopk", "--ravel-variants", "topk")).toEqual(["topk"]);
});

test("every model that can be had by name, or that a preset names, is known by its config", () => {
  const named = Object.values(llmPresets).flatMap(({ sites = [] }) => sites.map(({ model }) => model));
  for (const model of [...registry.map(({ name }) => name), ...named])
    expect(Object.keys(knownConfigs)).toContain(model);
});

test("a model that is neither here nor known, without the network, is an error", async () => {
  await expect(chosen("--model", "org/unknown")).rejects.toMatchObject({ code: "hub_offline" });
});
