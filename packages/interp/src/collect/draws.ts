import { fold, key, sequence } from "@sae/core";

/**
 * Every random choice of a collection, keyed by what is chosen: the same context, or latent, is drawn alike whatever else there is and in
 * whatever order it comes.
 */
export interface Draws {
  /** Whether latents are explained with this context; they are judged on the others. */
  isTraining(context: number): boolean;
  /** Latents are chosen by the smallest of these. */
  orderOfLatent(latent: number): number;
  /** A stream of uint32 words for a latent. */
  ofLatent(latent: number): DrawsOfLatent;
}

/** A stream of uint32 words for each context. */
export type DrawsOfLatent = (context: number) => () => number;

/** @param trainingShare in [0, 1] */
export function drawsOf(seed: number, trainingShare: number): Draws {
  const root = fold(key(seed), "autointerp");
  const split = fold(root, "split");
  const order = fold(root, "latents");
  return {
    isTraining: (context) => sequence(fold(split, context))() < trainingShare * 2 ** 32,
    orderOfLatent: (latent) => sequence(fold(order, latent))(),
    ofLatent: (latent) => {
      const own = fold(root, "draw", latent);
      return (context) => sequence(fold(own, context));
    },
  };
}

/** A word as a whole number below n. */
export const below = (n: number, word: number): number => Math.floor(word * n * 2 ** -32);
