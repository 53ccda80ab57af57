/** A judge's answers about one latent, counted against whether the latent was active. */
export interface Judgement {
  /** Said to be active, and active somewhere in the sequence. */
  readonly truePositives: number;
  /** Said to be inactive, but active. */
  readonly falseNegatives: number;
  /** Said to be inactive, and inactive. */
  readonly trueNegatives: number;
  /** Said to be active, but inactive. */
  readonly falsePositives: number;
  /** Sequences whose answer could not be read; they are in no other count. */
  readonly unreadable: number;
}

/**
 * Counts answers.
 *
 * @param activating answers on sequences in which the latent is active
 * @param inactive answers on sequences in which it is not
 */
export function judgementOf(activating: readonly (boolean | null)[], inactive: readonly (boolean | null)[]): Judgement {
  const count = (answers: readonly (boolean | null)[], wanted: boolean | null) =>
    answers.filter((answer) => answer === wanted).length;
  return {
    truePositives: count(activating, true),
    falseNegatives: count(activating, false),
    trueNegatives: count(inactive, false),
    falsePositives: count(inactive, true),
    unreadable: count(activating, null) + count(inactive, null),
  };
}
