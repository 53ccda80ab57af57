import { type HierarchicalOptions, hierarchicalBootstrap } from "./hierarchicalBootstrap.js";
import type { Interval } from "./interval.js";
import { resampledInterval } from "./resampledInterval.js";
import type { SeedScores } from "./seedScores.js";

/**
 * Mean score over seeds with its interval over seeds and units, see {@link hierarchicalBootstrap}.
 *
 * @throws SaeError `nothing_measured` without a seed
 */
export const seedInterval = (scores: SeedScores, options: HierarchicalOptions): Interval =>
  resampledInterval(hierarchicalBootstrap([scores], options), ([score]) => score);
