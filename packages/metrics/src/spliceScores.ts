import { SaeError } from "@sae/core";
import { type BootstrapOptions, bootstrapStatistic } from "./bootstrapStatistic.js";
import type { Interval } from "./interval.js";
import { lossRecovered } from "./lossRecovered.js";

/**
 * What became of a language model's predictions when the activations at one hook were replaced, summed over the counted positions of each
 * context: cross entropy of the next token, and KL divergence from the clean model's distribution, both in nats.
 */
export interface SpliceLosses {
  /** Shape [contexts]. Positions counted; a context without any is left out. */
  readonly positions: ArrayLike<number>;
  /** Cross entropy sums [contexts] of the clean model, with x̂ for x, with 0 for x, with the mean of x for x. */
  readonly clean: ArrayLike<number>;
  readonly spliced: ArrayLike<number>;
  readonly zeroAblated: ArrayLike<number>;
  readonly meanAblated: ArrayLike<number>;
  /** KL(clean ‖ modified) sums [contexts]. */
  readonly klSpliced: ArrayLike<number>;
  readonly klZeroAblated: ArrayLike<number>;
  readonly klMeanAblated: ArrayLike<number>;
}

/** Means per position in nats, and what share of an ablation's damage the reconstruction avoids; intervals over contexts. */
export interface SpliceScores {
  readonly crossEntropy: Readonly<Record<"clean" | "spliced" | "zeroAblated" | "meanAblated", Interval>>;
  readonly klDivergence: Readonly<Record<"spliced" | "zeroAblated" | "meanAblated", Interval>>;
  /** (CE_abl − CE_sae) / (CE_abl − CE_clean) against each ablation. */
  readonly lossRecovered: Readonly<Record<"zeroAblated" | "meanAblated", Interval>>;
  /** (KL_abl − KL_sae) / KL_abl against each ablation. */
  readonly klRecovered: Readonly<Record<"zeroAblated" | "meanAblated", Interval>>;
}

/**
 * Cross entropy and KL divergence with a reconstruction spliced into a language model (SAEBench "core"; figures 12 and 13 of arXiv 2602.14111).
 * Every number is a ratio of sums over all positions; its interval is a bootstrap over contexts, whose positions are not independent. There is none with
 * one context that has counted positions, and none for what a reconstruction recovers when an ablation costs nothing in some resample.
 *
 * @throws SaeError `shape_mismatch` when lists differ in length; `nothing_measured` when no context has a counted position
 */
export function spliceScores(losses: SpliceLosses, options: BootstrapOptions = {}): SpliceScores {
  const contexts = losses.positions.length;
  for (const [name, list] of Object.entries(losses)) {
    if (list.length !== contexts)
      throw new SaeError(
        "shape_mismatch",
        `spliceScores: needed ${contexts} contexts in '${name}', got ${list.length}`,
      );
  }
  const counted = Uint32Array.from({ length: contexts }, (_, i) => i).filter((i) => losses.positions[i] > 0);
  const n = counted.length;
  if (n === 0) {
    throw new SaeError(
      "nothing_measured",
      `spliceScores: needed at least one position that counts, got none in ${contexts} contexts; use longer contexts, or leave out fewer positions`,
    );
  }
  const total = (list: ArrayLike<number>, items: Uint32Array): number => {
    let sum = 0;
    for (const item of items) sum += list[counted[item]];
    return sum;
  };
  const everything = Uint32Array.from(counted, (_, i) => i);
  const { confidence = 0.95 } = options;
  const interval = (statistic: (items: Uint32Array) => number): Interval => {
    const common = { mean: statistic(everything), sd: null, n, confidence };
    const ends = n === 1 ? null : bootstrapStatistic(n, statistic, options);
    if (ends === null || Number.isNaN(ends.low)) return { ...common, low: null, high: null, method: "none" };
    return { ...common, ...ends, method: "bootstrap" };
  };
  const perPosition = (list: ArrayLike<number>) =>
    interval((items) => total(list, items) / total(losses.positions, items));
  const recovered = (modified: ArrayLike<number>, ablated: ArrayLike<number>, perfect?: ArrayLike<number>) =>
    interval((items) =>
      lossRecovered(total(modified, items), total(ablated, items), perfect ? total(perfect, items) : 0),
    );
  const { clean, spliced, zeroAblated, meanAblated, klSpliced, klZeroAblated, klMeanAblated } = losses;
  return {
    crossEntropy: {
      clean: perPosition(clean),
      spliced: perPosition(spliced),
      zeroAblated: perPosition(zeroAblated),
      meanAblated: perPosition(meanAblated),
    },
    klDivergence: {
      spliced: perPosition(klSpliced),
      zeroAblated: perPosition(klZeroAblated),
      meanAblated: perPosition(klMeanAblated),
    },
    lossRecovered: {
      zeroAblated: recovered(spliced, zeroAblated, clean),
      meanAblated: recovered(spliced, meanAblated, clean),
    },
    klRecovered: {
      zeroAblated: recovered(klSpliced, klZeroAblated),
      meanAblated: recovered(klSpliced, klMeanAblated),
    },
  };
}
