import { collectDefaults as defaults } from "@sae/interp";
import { z } from "zod";

const count = z.number().int().positive();
const counted = z.number().int().nonnegative();

/** Options of AutoInterp, whoever explains. */
export const autointerpConfig = z.strictObject({
  latents: count.default(defaults.latents).describe("latents of an SAE, drawn of those that are not dead"),
  tokens: count
    .optional()
    .describe("tokens of the harvest that are read, in whole contexts from its start; all when left out"),
  window: count.default(defaults.window).describe("tokens of a sequence"),
  examples: counted.default(defaults.examples).describe("strongest sequences that an explainer sees"),
  inactiveExamples: counted.default(defaults.inactiveExamples).describe("inactive sequences that it sees"),
  judged: count.default(defaults.judged).describe("sequences of each kind, activating and inactive, that are judged"),
  fewestExamples: count.default(defaults.fewestExamples).describe("a latent with fewer examples is not drawn"),
  fewestJudged: count
    .default(defaults.fewestJudged)
    .describe(
      "a latent with fewer judged sequences of a kind is left out; where fewer are judged at all, one with fewer than those",
    ),
  deadBelow: z
    .number()
    .min(0)
    .max(1)
    .default(defaults.deadBelow)
    .describe("a latent that is active on a smaller share of the tokens is dead"),
  trainingShare: z
    .number()
    .min(0)
    .max(1)
    .default(defaults.trainingShare)
    .describe("share of the contexts that latents are explained with; they are judged on the others"),
});
