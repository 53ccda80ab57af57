import { SaeError } from "@sae/core";
import type { Explainer, Explanation, Judge } from "../explainer.js";
import { choosePatterns, type PatternOptions } from "./choosePatterns.js";
import { describePatterns } from "./describePatterns.js";
import { fitsIn, type Pattern } from "./pattern.js";

/** What {@link ngramExplainer} finds, beside the words. */
export interface NgramData {
  readonly patterns: readonly Pattern[];
}

/** Patterns of up to three tokens within five. */
export const ngramDefaults: PatternOptions = {
  activeShare: 0.5,
  reach: 4,
  fewestSequences: 2,
  patterns: 8,
  leastGain: 0.02,
  conditionCost: 0.05,
};

/**
 * Explains a latent by patterns of tokens that its examples share: no language model, the same answer every time.
 */
export function ngramExplainer(options: Partial<PatternOptions> = {}): Explainer {
  const complete = { ...ngramDefaults, ...options };
  return {
    name: complete.reach === 0 ? "unigram" : "ngram",
    explain: async (examples) => {
      const patterns = choosePatterns(examples, complete);
      const data: NgramData = { patterns };
      return { latent: examples.latent, text: describePatterns(patterns), data };
    },
  };
}

/**
 * Says that a latent is active in a sequence if one of the patterns of its explanation fits somewhere. The judge throws SaeError
 * `bad_explanation` for explanations of others than {@link ngramExplainer}.
 */
export const ngramJudge: Judge = {
  name: "ngram",
  judge: async (explanation, sequences) => {
    const patterns = patternsOf(explanation);
    return sequences.map(({ tokens }) => patterns.some((pattern) => fitsIn(pattern, tokens)));
  },
};

function patternsOf({ latent, data }: Explanation): readonly Pattern[] {
  const { patterns } = (data ?? {}) as Partial<NgramData>;
  if (Array.isArray(patterns)) return patterns;
  throw new SaeError(
    "bad_explanation",
    `judge ngram: needed patterns to explain latent ${latent}, got text alone; use the explainer of this judge`,
  );
}
