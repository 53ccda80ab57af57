import { describe, expect, test } from "vitest";
import { autointerpCost } from "./autointerp/autointerpCost.js";
import { probingChannelsCost, probingCost, probingTextsCost } from "./probing/probingCost.js";
import { ravelControlsCost, ravelCost, ravelPairsCost } from "./ravel/ravelCost.js";

/** A model of four blocks of 1000 operations a token and logits over 50 tokens, cut after the second; and an SAE. */
const logits = 2 * 8 * 50;
const site = {
  dModel: 8,
  dVocab: 50,
  nLayers: 4,
  prefix: { flopsPerToken: 2000, weightBytes: 4e6, fedBytes: 0 },
  whole: { flopsPerToken: 4000 + logits, weightBytes: 8e6, fedBytes: 0 },
  rows: 1000,
  contexts: 10,
  nCtx: 16,
};
const sae = { ...site, dSae: 32, l0: 4 };

describe("AutoInterp", () => {
  const config = { explainer: "ngram", collect: { latents: 20 } };

  test("encodes the harvest twice", () => {
    expect(autointerpCost(config, sae)).toMatchObject({ flops: 2 * 1000 * 2 * 8 * 32, requests: 0 });
    expect(autointerpCost(config, { ...sae, rows: 0 })?.flops).toBe(0);
    const some = { ...config, collect: { latents: 20, tokens: 300 } };
    expect(autointerpCost(some, sae)?.flops).toBe(2 * 300 * 2 * 8 * 32);
    expect(autointerpCost(some, { ...sae, rows: 100 })?.flops).toBe(2 * 100 * 2 * 8 * 32);
    expect(autointerpCost(config, { ...sae, rows: undefined })).toBeNull();
  });

  test("by a language model asks for a description and twice for verdicts", () => {
    expect(autointerpCost({ ...config, explainer: "llm" }, sae)?.requests).toBe(60);
  });
});

describe("sparse probing", () => {
  const texts = { classes: 5, train: 20, test: 10, tokens: 16 };
  const probes = { ks: [1], full: true, aucKs: [] };

  test("runs the model once over every text", () => {
    expect(probingTextsCost({ dtype: "float16" }, { ...site, ...texts })).toMatchObject({
      flops: 150 * 16 * 2000,
      diskBytes: 150 * 16 * (2 * 8 + 12),
    });
  });

  test("encodes every token, and trains probes of each class", () => {
    const cost = probingCost(probes, { ...sae, ...texts });
    expect(cost.flops).toBe(150 * 16 * 2 * 8 * 32);
    const more = probingCost(probes, { ...sae, ...texts, classes: 10 });
    expect(more.scalarOps).toBe(2 * cost.scalarOps);
    expect(probingCost({ ...probes, full: false }, { ...sae, ...texts }).scalarOps).toBeLessThan(cost.scalarOps);
    expect(probingChannelsCost(probes, { ...site, ...texts, classes: 0 }).scalarOps).toBe(0);
  });
});

describe("RAVEL", () => {
  const edits = { entityTypes: ["city"], attributes: ["Country"], trainPairs: 8, testPairs: 4 };
  const masks = { epochs: 2, batch: 4, masks: 1, newTokens: 3 };
  /** Twenty tokens, and logits for the last; then two tokens, with logits. */
  const completion = 20 * 4000 + logits + 2 * (4000 + logits);

  test("asks about every entity with every template of its side, and reads only new tokens once more", () => {
    const asked = { entityTypes: ["city"], attributes: ["Country"], candidates: 5, templates: 3, newTokens: 3 };
    expect(ravelPairsCost(asked, site).flops).toBe(5 * 3 * completion);
    expect(ravelPairsCost({ ...asked, attributes: [] }, site).flops).toBe(3 * 5 * 3 * completion);
    const two = { ...asked, entityTypes: ["city", "verb"], attributes: [] };
    expect(ravelPairsCost(two, site).flops).toBe(2 * 3 * 5 * 3 * completion);
  });

  test("trains masks through what lies behind the hook, and scores their edits", () => {
    const cost = ravelCost({ ...masks, randomMasks: 1 }, { ...sae, ...edits });
    const steps = 2 * Math.ceil(16 / 4);
    const training = steps * 4 * 3 * (20 * 2000 + logits + 2 * 2 * 8 * 4);
    const scoring = 4 * 8 * completion;
    const encoding = 2 * 2 * 12 * 2 * 8 * 32;
    expect(cost.flops).toBe(training + scoring + encoding);
  });

  test("patches after every block, and makes a basis orthogonal after every step", () => {
    const config = { ...masks, mdasEpochs: 0, layerPairs: 0 };
    const cost = ravelControlsCost(config, { ...site, ...edits });
    expect(ravelControlsCost({ ...config, layerPairs: 2 }, { ...site, ...edits }).flops - cost.flops).toBe(
      2 * 4 * completion,
    );
    expect(ravelControlsCost({ ...config, mdasEpochs: 1 }, { ...site, ...edits }).flops).toBeGreaterThan(cost.flops);
  });
});
