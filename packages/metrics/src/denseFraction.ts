import { type LatentShare, shareOf } from "./deadFraction.js";
import type { Firings } from "./firings.js";

/**
 * Share of the latents that fire on more than `above` of the inputs: hardly the mark of a feature.
 *
 * @param above - 0.1 by default; 0.01 is the other value in use
 */
export const denseFraction = (firings: Firings, above = 0.1): LatentShare =>
  shareOf(firings, (frequency) => frequency > above);
