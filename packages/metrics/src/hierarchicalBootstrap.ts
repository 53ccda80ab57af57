import { key as keyOf, sequence } from "@sae/core";
import type { BootstrapOptions } from "./bootstrapStatistic.js";
import { checkConfidence, normalQuantile, studentQuantile } from "./distributions.js";
import type { Interval, IntervalMethod } from "./interval.js";
import { type Pairing, type SeedScores, sharedSeeds } from "./seedScores.js";
import { narrowness, type UnitBlock } from "./unitBlocks.js";
import { type UnitDeviations, unitDeviations } from "./unitDeviations.js";

/** Settings of the bootstrap over seeds and units; 2000 resamples by default. */
export interface HierarchicalOptions extends BootstrapOptions {
  readonly pairing: Pairing;
}

/** Scores of several sides, resampled together. */
export interface HierarchicalBootstrap extends Pick<Interval, "n" | "confidence"> {
  /** Scores of the sides with each seed [seeds][sides]; all of them over the units that count. */
  readonly seeds: readonly Float64Array[];
  /** Their means over seeds [sides]. */
  readonly scores: Float64Array;
  /** Scores on each resample [resamples][sides]; none when there is nothing to resample that tells how certain every side is. */
  readonly resamples: readonly Float64Array[];
  readonly method: IntervalMethod;
}

/**
 * Bootstrap over two levels, seeds and units, of the scores of several sides: a trained SAE and its baselines.
 *
 * A resample draws seeds with replacement, the same for all sides, and units with replacement within their groups, the same for all sides (and seeds)
 * where they are paired; `unitBlocks` says what becomes of groups of one unit. To each side's score it adds what either draw changes:
 *
 *   score* = score + w_S · (score of the drawn seeds − score) + w_U · (score of the drawn units − score)
 *
 * Resampled means of n values are too narrow by √((n − 1)/n), and their percentiles know nothing of Student's t: with three seeds they cover three in
 * four times where they promise 95 %. The factors w = √(n/(n − 1)) · t_{n−1}/z make up for both, each for its own level: 9.2 for two seeds, 2.7 for
 * three, 1.3 for eight, next to 1 for a hundred units.
 *
 * With one seed only units are resampled: what comes out says nothing about another seed, and its method is `"bootstrap over units"`. Where a side has a single
 * unit then, nothing tells how certain it is, and the method is `"none"`.
 *
 * @throws SaeError `nothing_measured` when the sides share no seed, `shape_mismatch` when they share no unit, `invalid_argument`
 */
export function hierarchicalBootstrap(
  sides: readonly SeedScores[],
  { pairing, key = keyOf("hierarchical bootstrap"), resamples = 2000, confidence = 0.95 }: HierarchicalOptions,
): HierarchicalBootstrap {
  checkConfidence("hierarchicalBootstrap", confidence);
  const found = unitDeviations(sharedSeeds("hierarchicalBootstrap", sides), pairing);
  const seeds = found.scores[0].length;
  const hasUnits = sides.map((_, side) => blocksOf(found.blocks, side).length > 0);
  // With one seed, a side without anything to draw would be taken for certain.
  const varies = { seeds: seeds > 1, units: seeds > 1 ? hasUnits.some(Boolean) : hasUnits.every(Boolean) };
  const draw = drawer(found, sequence(key), confidence);
  const count = varies.seeds || varies.units ? resamples : 0;
  return {
    seeds: Array.from({ length: seeds }, (_, seed) => Float64Array.from(found.scores, (scores) => scores[seed])),
    scores: Float64Array.from(found.scores, average),
    resamples: Array.from({ length: count }, draw),
    method: methodOf(varies),
    n: varies.seeds ? seeds : Math.min(...found.units),
    confidence,
  };
}

const methodOf = (varies: { readonly seeds: boolean; readonly units: boolean }): IntervalMethod => {
  if (varies.seeds) return varies.units ? "bootstrap over seeds and units" : "bootstrap over seeds";
  return varies.units ? "bootstrap over units" : "none";
};

const blocksOf = (blocks: readonly UnitBlock[], side: number) =>
  blocks.filter(({ sides }) => sides.some((one) => one.side === side));

/** Draws one resample after the other: scores [sides]. */
function drawer({ scores, blocks }: UnitDeviations, random: () => number, confidence: number): () => Float64Array {
  const draw = (n: number) => Math.floor((random() / 2 ** 32) * n);
  const centre = Float64Array.from(scores, average);
  const seeds = scores[0].length;
  const widthOfSeeds = seeds > 1 ? narrowness(seeds) * studentFactor(seeds - 1, confidence) : 0;
  const degrees = scores.map((_, side) => degreesOf(blocksOf(blocks, side)));
  const factors = new Map([...new Set(degrees)].map((of) => [of, of === 0 ? 0 : studentFactor(of, confidence)]));
  const widthsOfUnits = degrees.map((of) => factors.get(of) as number);
  const items = new Uint32Array(Math.max(0, ...blocks.map(({ draws }) => draws)));
  return () => {
    const out = centre.slice();
    for (let i = 0; seeds > 1 && i < seeds; i++) {
      const seed = draw(seeds);
      for (let side = 0; side < out.length; side++) {
        out[side] += (widthOfSeeds * (scores[side][seed] - centre[side])) / seeds;
      }
    }
    for (const { draws, pick, sides, width } of blocks) {
      for (let i = 0; i < draws; i++) items[i] = pick(draw);
      for (const { side, deviations } of sides) {
        let total = 0;
        for (let i = 0; i < draws; i++) total += deviations[items[i]];
        out[side] += widthsOfUnits[side] * (width / draws) * total;
      }
    }
    return out;
  };
}

/**
 * Degrees of freedom of the variance that units give the score of a side. Groups of several units have one estimate together, and their degrees add up. A stratum
 * of groups of one unit has its own: the two are combined as for units that vary alike (Satterthwaite, Biometrics Bulletin 2, 1946).
 */
function degreesOf(blocks: readonly UnitBlock[]): number {
  const pooled = blocks.filter((block) => block.pooled);
  const estimates = [pooled, ...blocks.filter((block) => !block.pooled).map((block) => [block])]
    .filter(({ length }) => length > 0)
    .map((some) => ({ share: sum(some.map(({ share }) => share)), degrees: sum(some.map(({ degrees }) => degrees)) }));
  // One estimate has exactly its own degrees, which rounding must not change.
  if (estimates.length < 2) return sum(estimates.map(({ degrees }) => degrees));
  const whole = sum(estimates.map(({ share }) => share));
  return 1 / sum(estimates.map(({ share, degrees }) => (share / whole) ** 2 / degrees));
}

/** Student's quantile over the normal one. */
const studentFactor = (degrees: number, confidence: number): number =>
  studentQuantile(degrees, confidence) / normalQuantile(confidence);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const average = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length;
