import { expect, test } from "vitest";
import { harvestJob } from "../jobs/harvestJob.js";
import { job } from "../jobs/job.js";
import { trainJob } from "../jobs/trainJob.js";
import type { EvaluationSite } from "./evaluation.js";
import { splice } from "./splice.js";

const hook = "blocks.0.hook_resid_post";
const harvest = job(
  harvestJob,
  { model: {}, hook, texts: {}, nCtx: 16, rows: 1000, evaluationContexts: 10 },
  { title: "harvest" },
);
const sae = job(
  trainJob,
  {
    data: { kind: "harvest", seed: 0, heldOut: 0.05 },
    variant: "topk",
    variantConfig: { l0: 2 },
    recipe: { dSae: 32, steps: 10 },
  },
  { title: "topk", needs: { activations: harvest } },
);

/** Of a model whose passes are known, or not. */
const costs = (passes?: EvaluationSite["passes"]) => {
  const site = { model: "m", identity: {}, hook, harvest, local: {}, seed: 0, ...(passes && { passes }) };
  const prepared = splice.prepare(site, {});
  return [prepared.ablation, splice.evaluate(site, {}, prepared, sae)].map(({ cost }) => cost?.() ?? null);
};

test("jobs cost passes over the contexts that were kept, of their length, and the encoder of the SAE", () => {
  const [ablation, spliced] = costs((nCtx) => ({
    dModel: 8,
    dVocab: 50,
    prefix: { flopsPerToken: 100 * nCtx, weightBytes: 1e6 },
    whole: { flopsPerToken: 500 * nCtx, weightBytes: 2e6 },
  }));
  const tokens = 10 * 16;
  expect(ablation?.flops).toBe(tokens * 16 * (100 + 6 * 400));
  expect(spliced?.flops).toBe(tokens * (16 * (100 + 2 * 400) + 2 * 8 * 32));
});

test("without the model nobody knows", () => {
  expect(costs()).toEqual([null, null]);
});
