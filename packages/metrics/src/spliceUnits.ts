import type { SpliceLosses } from "./spliceScores.js";
import { type UnitScores, unitScores } from "./unitScores.js";

/** Scores of a splice, context by context. */
export interface SpliceUnits {
  readonly crossEntropy: UnitScores;
  readonly klDivergence: UnitScores;
  /** Against the mean of the activations; null when ablating costs nothing. */
  readonly lossRecovered: UnitScores | null;
}

/**
 * The means of `spliceScores` with the contexts behind them. All are ratios of sums over positions, so a context is not worth its own ratio but its
 * share of the sum: its nats over the *mean* number of positions of a context, its nats saved over the mean that an ablation costs. The denominators
 * are the same for every SAE, and the mean over contexts is the ratio of the sums.
 *
 * @throws SaeError `nothing_measured` without contexts
 */
export function spliceUnits({
  positions,
  clean,
  spliced,
  meanAblated,
  klSpliced,
}: Omit<SpliceLosses, "zeroAblated" | "klZeroAblated" | "klMeanAblated">): SpliceUnits {
  const over = (denominators: (context: number) => number, numerators: (context: number) => number): UnitScores => {
    const contexts = Array.from(positions, (_, context) => context);
    const mean = contexts.reduce((sum, context) => sum + denominators(context), 0) / contexts.length;
    return unitScores(contexts.map((context) => ({ id: `context ${context}`, value: numerators(context) / mean })));
  };
  const position = (context: number) => positions[context];
  const cost = (context: number) => meanAblated[context] - clean[context];
  const recovered = over(cost, (context) => meanAblated[context] - spliced[context]);
  return {
    crossEntropy: over(position, (context) => spliced[context]),
    klDivergence: over(position, (context) => klSpliced[context]),
    lossRecovered: Number.isFinite(recovered.value) ? recovered : null,
  };
}
