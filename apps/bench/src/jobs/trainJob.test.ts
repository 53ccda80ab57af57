import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fillNormal, fold, key } from "@sae/core";
import { fixedContexts, harvest, type Prefix } from "@sae/models";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../runCli.testkit.js";
import { activationsOf } from "./harvestFolder.js";
import { trainConfig } from "./trainConfig.js";
import { type TrainJobResult, trainJob } from "./trainJob.js";

const folder = await temporaryFolder();
const [dModel, nCtx, contexts] = [8, 8, 50];

/** In place of a language model: random activations for each token. */
const prefix: Prefix = {
  dModel,
  identity: { model: "random" },
  activations: async (tokens) =>
    Float32Array.from([...tokens].flatMap((token) => [...fillNormal(fold(key(0), token), new Float32Array(dModel))])),
};

// 50 contexts of 8 activations
const activations = join(folder, "harvest");
await harvest({
  prefix,
  contexts: fixedContexts(
    Int32Array.from({ length: contexts * nCtx }, (_, i) => i),
    nCtx,
  ),
  folder: activationsOf(activations),
  skipBos: false,
});

/** Trains an SAE on them in a folder of that name. */
async function run(name: string, variant: string, heldOut: number): Promise<TrainJobResult> {
  const own = join(folder, name);
  await mkdir(own);
  const config = trainConfig.parse({
    data: { kind: "harvest", seed: 0, heldOut },
    variant,
    variantConfig: { l0: 2 },
    recipe: { dSae: 16, steps: 4, batch: 128, lr: 0.01, warmup: 1, l0Warmup: 1 },
    snapshots: [0.5, 1],
  });
  const context = { folder: own, needs: { activations }, local: {}, report: () => {} };
  return (await trainJob.run(config, context)) as TrainJobResult;
}

describe("a language-model study that is small", () => {
  test.each(["relu", "topk", "batchtopk", "jumprelu", "matryoshka"])(
    "%s is evaluated on the rows that are held out, though they are fewer than a batch",
    async (variant) => {
      const result = await run(variant, variant, 0.1); // 5 contexts: 40 rows, for batches of 128
      expect([result.inference.rows, result.training.rows]).toEqual([32, 32]);
      expect(result.snapshots.map(({ samples }) => samples)).toEqual([256, 512]);
      for (const { explainedVariance } of [result.inference, result.training, ...result.snapshots]) {
        expect(explainedVariance).toBeLessThan(1);
        expect(explainedVariance).toBeGreaterThan(-1);
      }
      if (variant === "batchtopk") expect(result.training.l0).toBeCloseTo(2, 6); // the 2 · 32 largest of 32 inputs
    },
  );

  test("of which nothing is held out says so before it trains", async () => {
    await expect(run("nothing", "topk", 0.01)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: held-out activations: needed at least one for thresholds and evaluation, got none; raise --held-out, or give more activations]`,
    );
    expect(existsSync(join(folder, "nothing", "log.jsonl"))).toBe(false);
  });
});
