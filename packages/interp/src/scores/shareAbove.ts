import { type Interval, wilsonInterval } from "@sae/metrics";

/** The score above which arXiv 2602.14111 counts a latent as interpretable. */
export const INTERPRETABLE_ABOVE = 0.7;

/**
 * Share of the latents with a score strictly above a threshold, with its Wilson interval.
 *
 * @throws SaeError `nothing_measured` without scores
 */
export const shareAbove = (scores: readonly number[], threshold = INTERPRETABLE_ABOVE): Interval =>
  wilsonInterval(scores.filter((score) => score > threshold).length, scores.length);
