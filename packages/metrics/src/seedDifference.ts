import { type HierarchicalOptions, hierarchicalBootstrap } from "./hierarchicalBootstrap.js";
import type { Interval } from "./interval.js";
import { resampledInterval } from "./resampledInterval.js";
import type { SeedScores } from "./seedScores.js";

/**
 * Mean of a − b over the seeds that both have with its interval over seeds and units, see {@link hierarchicalBootstrap}: paired by seed, and by unit where
 * units are paired, so that what both sides share cancels.
 *
 * @throws SaeError `nothing_measured` without a shared seed, `shape_mismatch` without a shared unit
 */
export const seedDifference = (a: SeedScores, b: SeedScores, options: HierarchicalOptions): Interval =>
  resampledInterval(hierarchicalBootstrap([a, b], options), ([x, y]) => x - y);
