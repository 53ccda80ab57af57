import { SaeError } from "@sae/core";

/** Which latents and sequences are collected. */
export interface CollectOptions {
  /** Names every draw. */
  readonly seed: number;
  /** Latents to draw of those that fire often enough. */
  readonly latents: number;
  /** Tokens of a sequence. */
  readonly window: number;
  /** Strongest sequences that an explainer sees of a latent. */
  readonly examples: number;
  /** Inactive sequences that it sees. */
  readonly inactiveExamples: number;
  /** Sequences of each kind, activating and inactive, that are judged. */
  readonly judged: number;
  /** A latent with fewer examples is not drawn. */
  readonly fewestExamples: number;
  /** A latent with fewer judged sequences of a kind is left out; where `judged` is smaller, one with fewer than that. */
  readonly fewestJudged: number;
  /** A latent that fires on a smaller share of the tokens is dead. */
  readonly deadBelow: number;
  /** Share of the contexts that latents are explained with; they are judged on the others. */
  readonly trainingShare: number;
}

/**
 * AutoInterp of arXiv 2602.14111: 200 latents that are not dead (at least 1 activation in 10⁶ tokens), up to 15 examples, 50 activating and 50
 * inactive sequences. Windows of 21 tokens are SAEBench's; the paper does not say.
 */
export const collectDefaults: CollectOptions = {
  seed: 0,
  latents: 200,
  window: 21,
  examples: 15,
  inactiveExamples: 50,
  judged: 50,
  fewestExamples: 2,
  fewestJudged: 10,
  deadBelow: 1e-6,
  trainingShare: 0.5,
};

/** @throws SaeError `bad_option` */
export function collectOptions(given: Partial<CollectOptions>): CollectOptions {
  const options = { ...collectDefaults, ...given };
  const { deadBelow, trainingShare, ...counts } = options;
  const least: Partial<Record<keyof CollectOptions, number>> = { window: 1, fewestExamples: 1, fewestJudged: 1 };
  for (const [name, value] of Object.entries(counts)) {
    const smallest = least[name as keyof CollectOptions] ?? 0;
    if (Number.isSafeInteger(value) && value >= smallest) continue;
    throw new SaeError(
      "bad_option",
      `collect: needed ${name} to be a whole number of at least ${smallest}, got ${value}`,
    );
  }
  for (const [name, value] of Object.entries({ deadBelow, trainingShare })) {
    if (value >= 0 && value <= 1) continue;
    throw new SaeError("bad_option", `collect: needed ${name} from 0 to 1, got ${value}`);
  }
  return options;
}
