import { drawUnitRows, fold, key } from "@sae/core";
import { meanInterval, meanMatchedCosine } from "@sae/metrics";
import { type RandomDictionaryNull, randomDictionaryNull, syntheticModel } from "@sae/synthetic";
import { z } from "zod";
import { costOf, processBytes } from "../costs/cost.js";
import { defineJob } from "./job.js";

/** The floor of every recovery number: what dictionaries of random directions score on the same features. */
export interface RandomDictionaryResult extends RandomDictionaryNull {
  /** Mean |cosine| of the best one-to-one matching, over `matchings` of the dictionaries. */
  readonly mcc: { readonly mean: number; readonly matchings: number };
}

/** Scores dictionaries of uniformly random directions as if they were trained SAEs. */
export const randomDictionaryJob = defineJob({
  kind: "random-dictionary",
  version: 1,
  config: z.object({
    /** Seed and sizes of the true features; they do not depend on the activation probabilities. */
    seed: z.number().int().nonnegative(),
    dModel: z.number().int().positive(),
    features: z.number().int().positive(),
    dSae: z.number().int().positive(),
    draws: z.number().int().positive(),
    /** A matching takes seconds where the other numbers take a fraction of one. */
    matchings: z.number().int().positive(),
  }),
  // Cosines of all pairs for each dictionary, and a matching by Munkres' algorithm, cubic in the smaller number.
  cost: ({ dModel, features, dSae, draws, matchings }) =>
    costOf({
      scalarOps: (draws + matchings) * 2 * dModel * features * dSae + matchings * Math.min(features, dSae) ** 3,
      memoryBytes: processBytes + 8 * features * dSae,
    }),
  run: async ({ seed, dModel, features, dSae, draws, matchings }, { report }): Promise<RandomDictionaryResult> => {
    const { directions } = syntheticModel({ seed, dModel, features, probability: { kind: "constant", p: 0 } });
    report({ done: 0, text: `${draws} random dictionaries` });
    const scores = randomDictionaryNull({ dModel, dSae, directions, seed, draws });
    const matched = Array.from({ length: matchings }, (_, draw) => {
      report({ done: (1 + draw) / (1 + matchings), text: "matching" });
      return meanMatchedCosine(
        drawUnitRows(fold(key(seed), "random matching", draw), dSae, dModel),
        directions,
        dModel,
      );
    });
    return { ...scores, mcc: { mean: meanInterval(matched).mean, matchings } };
  },
});
