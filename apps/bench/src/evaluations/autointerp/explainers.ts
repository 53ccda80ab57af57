import { ngramDefaults, ngramExplainer, ngramJudge } from "@sae/interp";
import { z } from "zod";
import { defineExplainer, type ExplainerKind } from "./explainerKind.js";
import { llmKind } from "./llmKind.js";

const ngram = defineExplainer({
  title: "n-grams",
  about:
    "Explainer and judge are embedded and know no language: a description is up to eight patterns of tokens that the strongest examples share, in the manner of Neuron-to-Graph (arXiv 2305.19911), and the judge looks for them. What they score is no language model's score, and not to be compared with the paper's.",
  config: z.strictObject({
    patterns: z.number().int().positive().default(ngramDefaults.patterns).describe("most patterns of a description"),
    reach: z
      .number()
      .int()
      .nonnegative()
      .default(ngramDefaults.reach)
      .describe("tokens before the active one that a pattern may ask for; 0 for single tokens only"),
  }),
  open: async (config) => ({ explainer: ngramExplainer(config), judge: ngramJudge }),
});

/** Every way to explain and judge, by its name in configs. */
export const explainers = { ngram, llm: llmKind } satisfies Record<string, ExplainerKind>;

/** A name in {@link explainers}. */
export type ExplainerName = keyof typeof explainers;
export const explainerNames = Object.keys(explainers) as [ExplainerName, ...ExplainerName[]];

/** First part of the ids of evaluation and measures: `autointerp`, and `autointerp-NAME` for all others but the embedded one. */
export const autointerpId = (name: ExplainerName): string => (name === "ngram" ? "autointerp" : `autointerp-${name}`);
