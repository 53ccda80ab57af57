import { expect, test } from "vitest";
import { harvestCost } from "./harvestCost.js";
import { harvestConfig } from "./harvestJob.js";
import { ablationCost, spliceCost } from "./spliceCost.js";

const prefix = { flopsPerToken: 1000, weightBytes: 4e6, fedBytes: 1e6 };
const config = (options: { rows?: number; dtype?: "float32" }) =>
  harvestConfig.parse({ model: {}, hook: "blocks.0.hook_resid_post", texts: {}, nCtx: 16, batch: 2, ...options });

test("a harvest is a pass over the tokens, and rows on the disk", () => {
  const cost = harvestCost(config({ rows: 100 }), { dModel: 8, prefix });
  expect(cost).toMatchObject({
    flops: 100_000,
    feedBytes: 4e6 + 4 * 1e6, // of 100 tokens 32 at once
    diskBytes: 100 * (8 * 2 + 12),
    allCores: true,
  });
  expect(harvestCost(config({ rows: 100, dtype: "float32" }), { dModel: 8, prefix })?.diskBytes).toBe(100 * 44);
  expect(harvestCost(config({}), { dModel: 8, prefix })).toBeNull();
});

test("activations of 500 million tokens of Gemma 2 2B are 2.3 terabytes", () => {
  const cost = harvestCost(config({ rows: 500e6 }), { dModel: 2304, prefix });
  expect((cost?.diskBytes ?? 0) / 1e12).toBeCloseTo(2.31, 2);
});

test("an SAE in the model is a prefix, two suffixes and its encoder; ablations are three comparisons", () => {
  const sizes = {
    dModel: 8,
    dVocab: 50,
    prefix,
    whole: { flopsPerToken: 5000, weightBytes: 8e6, fedBytes: 1e6 },
    contexts: 10,
    nCtx: 16,
  };
  expect(spliceCost({ ...sizes, dSae: 32 }).flops).toBe(160 * (1000 + 2 * 4000 + 2 * 8 * 32));
  expect(ablationCost(sizes).flops).toBe(160 * (1000 + 6 * 4000));
  expect(spliceCost({ ...sizes, contexts: 0 }).flops).toBe(0);
});
