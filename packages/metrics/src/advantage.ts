import { SaeError } from "@sae/core";
import {
  type HierarchicalBootstrap,
  type HierarchicalOptions,
  hierarchicalBootstrap,
} from "./hierarchicalBootstrap.js";
import type { Interval } from "./interval.js";
import { quantile } from "./quantile.js";
import { resampledInterval } from "./resampledInterval.js";
import type { SeedScores } from "./seedScores.js";

/** A trained SAE and those that it has to beat, all of one architecture and size. */
export interface Contest {
  readonly trained: SeedScores;
  /** At least one. */
  readonly opponents: readonly SeedScores[];
}

/** Settings of {@link advantage}. */
export interface AdvantageOptions extends HierarchicalOptions {
  /** Set where a smaller score is the better one. */
  readonly lessIsBetter?: boolean;
}

/** An opponent counts as a contender when it is the strongest on more than this share of the resamples. */
const contenderShare = 0.01;

/**
 * What training has over the strongest of several opponents: trained − best opponent, the mean of it over several contests.
 *
 * The strongest opponent is known only after looking, so the best of noisy scores stands too high. Both ends of the interval take that into account:
 *
 * - the low end is the percentile of the difference with the strongest opponent chosen anew on every resample;
 * - the same percentile would be wrong as a high end: choosing anew pushes resamples down where the estimate is too low already (with six opponents
 *   that are alike it covers three in four times, and next to never in the mean over ten contests). Whoever is the strongest in truth, the difference to it
 *   is at most the one that was found plus the largest error among the contenders, and the percentile of that is added: the quantile of the mean over contests of
 *   max_b (d_b − d_b*), d_b the difference to contender b. Contenders are the opponents that are the strongest on more than 1 % of the resamples.
 *
 * Where less is better, the strongest is the smallest, low and high change their parts, and the difference is still trained − opponent.
 *
 * @throws SaeError `nothing_measured` without contest, opponent or a seed that all share; `shape_mismatch` when paired sides share no unit
 */
export function advantage(
  contests: readonly Contest[],
  { lessIsBetter = false, ...options }: AdvantageOptions,
): Interval {
  if (contests.length === 0 || contests.some(({ opponents }) => opponents.length === 0)) {
    throw new SaeError("nothing_measured", "advantage: needed contests with an opponent in each, got one without");
  }
  const sides = contests.flatMap(({ trained, opponents }) => [trained, ...opponents]);
  const bootstrap = hierarchicalBootstrap(sides, options);
  // Everything below is for "more is better".
  const sign = lessIsBetter ? -1 : 1;
  let next = 0;
  const places = contests.map(({ opponents }) => {
    const trained = next;
    next += 1 + opponents.length;
    return { trained, opponents: opponents.map((_, i) => trained + 1 + i) };
  });
  const gains = (scores: Float64Array, { trained, opponents }: Place): number[] =>
    opponents.map((opponent) => sign * (scores[trained] - scores[opponent]));
  const interval = resampledInterval(bootstrap, (scores) =>
    mean(places.map((place) => Math.min(...gains(scores, place)))),
  );
  if (interval.low === null) return { ...interval, mean: sign * interval.mean };
  const high = interval.mean + slack(bootstrap, places, gains);
  const ends = lessIsBetter ? { low: -high, high: -interval.low } : { low: interval.low, high };
  return { ...interval, mean: sign * interval.mean, ...ends };
}

/** Where the scores of a contest stand among the sides. */
interface Place {
  readonly trained: number;
  readonly opponents: readonly number[];
}

/** The percentile of the largest error that a contender's difference can have, in the mean over contests. */
function slack(
  { scores, resamples, confidence }: HierarchicalBootstrap,
  places: readonly Place[],
  gains: (scores: Float64Array, place: Place) => number[],
): number {
  const errors = new Float64Array(resamples.length);
  for (const place of places) {
    const found = gains(scores, place);
    const drawn = resamples.map((resample) => gains(resample, place));
    const wins = new Float64Array(found.length);
    for (const values of drawn) wins[indexOfLeast(values)] += 1 / resamples.length;
    wins[indexOfLeast(found)] = 1;
    const contenders = found.map((_, i) => i).filter((i) => wins[i] > contenderShare);
    drawn.forEach((values, at) => {
      errors[at] += Math.max(...contenders.map((i) => found[i] - values[i])) / places.length;
    });
  }
  return quantile(errors.sort(), (1 + confidence) / 2);
}

const indexOfLeast = (values: readonly number[]): number => values.indexOf(Math.min(...values));

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
