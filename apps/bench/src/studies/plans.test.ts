import { expect, test } from "vitest";
import { jobId, neededJobs } from "../jobs/job.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import { type BaselinesOptions, planBaselines } from "./baselinesPlan.js";
import { allConditions, conditionOf, parseCondition } from "./conditions.js";
import { paperSetting, presets } from "./presets.js";
import { planSynthetic, type SyntheticOptions } from "./syntheticPlan.js";

const paper = (options: Partial<SyntheticOptions> = {}) =>
  planSynthetic({
    ...paperSetting,
    ...presets.paper,
    settings: ["constant", "variable"],
    variants: ["topk", "batchtopk"],
    seeds: [0],
    local: {},
    ...options,
  });

test("results of the paper's size keep their names", () => {
  const { runs } = paper();
  expect(runs.map(({ job }) => [job.title, jobId(job)])).toEqual([
    ["topk constant", "train-da84d749c7f38c58"],
    ["batchtopk constant", "train-765af216baaf23fc"],
    ["topk variable", "train-2550898133f3a79d"],
    ["batchtopk variable", "train-390463e35fbf1e0d"],
  ]);
});

test("facts of the machine are no part of a job's name", () => {
  const ids = (local: Record<string, string>) => paper({ local }).runs.map(({ job }) => jobId(job));
  expect(ids({ provider: "cuda", threads: "4" })).toEqual(ids({}));
});

test("a seed names the features, the samples and the draw, and has a floor of its own", () => {
  const { runs, floors } = paper({ seeds: [0, 7], settings: ["constant"], variants: ["topk"] });
  const seeds = runs.map(({ job }) => {
    const { data, recipe } = job.config as TrainConfig;
    return [data.seed, recipe.seed];
  });
  expect(seeds).toEqual([
    [0, 0],
    [7, 7],
  ]);
  expect(floors.map(({ job }) => (job.config as { seed: number }).seed)).toEqual([0, 7]);
});

const comparison = (options: Partial<BaselinesOptions> = {}): BaselinesOptions => ({
  data: (seed) => ({ kind: "file", sha256: "abc", order: "shuffled", seed }),
  dModel: 4,
  variants: ["topk"],
  conditions: allConditions.map(parseCondition),
  l0s: [2],
  seeds: [0],
  recipe: { dSae: 64, steps: 10 },
  local: {},
  ...options,
});

test("every condition is planned once, and the shuffled decoder needs the trained SAE of its seed", () => {
  const { runs, omitted } = planBaselines(comparison({ seeds: [0, 1] }));
  expect(runs).toHaveLength(2 * allConditions.length);
  expect(omitted).toEqual([]);
  for (const { condition, seed, job } of runs) {
    const { recipe, baseline } = job.config as TrainConfig;
    expect([recipe.seed, recipe.init, baseline]).toEqual([seed, condition.init, condition.baseline.name]);
    expect(recipe.steps).toBe(condition.id === "pca" || condition.id === "shuffled_decoder" ? 0 : 10);
    const needed = neededJobs(job).map(({ config }) => [
      (config as TrainConfig).baseline,
      (config as TrainConfig).recipe.seed,
    ]);
    expect(needed).toEqual(condition.id === "shuffled_decoder" ? [["trained", seed]] : []);
  }
});

test("what has too few latents for a target is left out and named", () => {
  const { runs, omitted } = planBaselines(comparison({ l0s: [2, 16] }));
  expect(omitted).toEqual(["PCA at L0 16 (it has 8 latents only)"]);
  expect(runs).toHaveLength(2 * allConditions.length - 1);
});

test("targets that cannot be are refused", () => {
  expect(() => planBaselines(comparison({ l0s: [100] }))).toThrow("--l0: needed at most --d-sae = 64, got 100");
  expect(() => planBaselines(comparison({ l0s: [1.5] }))).toThrow("--l0: topk cannot have a target of 1.5");
});

test("conditions are written NAME or NAME:cov", () => {
  expect(parseCondition("frozen_decoder:cov")).toMatchObject({
    id: "frozen_decoder_cov",
    title: "Frozen decoder, cov",
    role: "baseline",
  });
  expect(conditionOf("trained")).toMatchObject({ id: "trained", title: "Fully trained", role: "trained" });
  expect(conditionOf("pca")).toMatchObject({ id: "pca", title: "PCA", role: "control" });
  expect(() => parseCondition("frozen_decoder:ico")).toThrow("needed NAME, NAME:iso or NAME:cov");
  expect(() => parseCondition("pca:cov")).toThrow("draws no random rows");
  expect(() => parseCondition("frozen_encodr")).toThrow("did you mean 'frozen_encoder'?");
});
