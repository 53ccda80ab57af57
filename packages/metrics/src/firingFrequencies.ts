import type { Firings } from "./firings.js";

/** Share of the inputs on which each latent fired [dSae], in [0, 1]. Its sum is L0. */
export const firingFrequencies = ({ samples, counts }: Firings): Float64Array => counts.map((count) => count / samples);
