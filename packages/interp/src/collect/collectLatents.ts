import type { LatentExamples, Sequence } from "../explainer.js";
import { chooseLatents, countLatents, type LatentCounts } from "./chooseLatents.js";
import { type CollectOptions, collectOptions } from "./collectOptions.js";
import { collectSequences, type TokenSequence } from "./collectSequences.js";
import type { ContextCodes } from "./contextCodes.js";
import { drawsOf } from "./draws.js";

/** Activations of an SAE over texts. */
export interface LatentActivations {
  readonly dSae: number;
  /** All contexts; called twice, and the same both times. */
  contexts(): AsyncIterable<ContextCodes>;
  /** Text of one token. */
  tokenText(id: number): string;
}

/** A latent with what it is explained by and judged on. */
export interface LatentSequences {
  readonly latent: number;
  /** Share of the tokens on which it is active. */
  readonly frequency: number;
  readonly examples: LatentExamples;
  /** Sequences of other contexts than the examples', as many active as inactive. */
  readonly judged: {
    /** The latent is active somewhere, at varying strength; weakest first. */
    readonly activating: readonly Sequence[];
    /** It is exactly 0 on every token. */
    readonly inactive: readonly Sequence[];
  };
}

/** What was collected, and what could not be. */
export interface CollectedLatents {
  /** In the order of their numbers. */
  readonly latents: readonly LatentSequences[];
  readonly counts: LatentCounts;
  /** Tokens that have activations. */
  readonly tokens: number;
}

/**
 * Draws latents that are not dead and collects sequences to explain them with and to judge the explanations on, after AutoInterp of
 * arXiv 2602.14111, with these differences: inactive sequences are looked up, not assumed; examples and judged sequences come from different
 * contexts. Two passes over the activations; memory grows with the latents drawn and with dSae, not with the text.
 *
 * @throws SaeError `bad_option`
 */
export async function collectLatents(
  { dSae, contexts, tokenText }: LatentActivations,
  given: Partial<CollectOptions> = {},
): Promise<CollectedLatents> {
  const options = collectOptions(given);
  const draws = drawsOf(options.seed, options.trainingShare);
  const census = await countLatents(contexts(), dSae, draws.isTraining);
  const { latents, counts } = chooseLatents(census, draws, options);
  const collected = await collectSequences(contexts(), latents, draws, options);
  const texts = ({ id, ids, activations }: TokenSequence): Sequence => ({
    id,
    tokens: ids.map(tokenText),
    ids,
    activations,
  });
  const all = collected.map(({ examples, judged }, index): LatentSequences => {
    const latent = latents[index];
    return {
      latent,
      frequency: census.firings[latent] / census.tokens,
      examples: { latent, activating: examples.activating.map(texts), inactive: examples.inactive.map(texts) },
      judged: { activating: judged.activating.map(texts), inactive: judged.inactive.map(texts) },
    };
  });
  // Who asks for fewer sequences than the fewest shall not lose every latent.
  const fewest = Math.min(options.fewestJudged, options.judged);
  const enough = all.filter(({ judged }) => judged.inactive.length >= fewest);
  return { latents: enough, counts: { ...counts, dense: all.length - enough.length }, tokens: census.tokens };
}
