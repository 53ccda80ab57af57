import type { Firings } from "./firings.js";

/** A number of latents with what is needed to read it. */
export interface LatentShare {
  /** `latents / dSae`; 0 for an SAE without latents. */
  readonly fraction: number;
  readonly latents: number;
  readonly dSae: number;
  /** Inputs the frequencies come from: a latent that fires once in a million inputs is dead on ten thousand. */
  readonly samples: number;
}

/**
 * Share of the latents that never fired on the sample, or fired on fewer than `below` of the inputs.
 *
 * @param below - frequency under which a latent counts as dead as well; arXiv 2602.14111 uses 1e-6, the default 0 means never
 */
export function deadFraction(firings: Firings, below = 0): LatentShare {
  return shareOf(firings, (frequency) => frequency === 0 || frequency < below);
}

/** Share of the latents whose firing frequency satisfies `is`. */
export function shareOf({ samples, counts }: Firings, is: (frequency: number) => boolean): LatentShare {
  let latents = 0;
  for (const count of counts) if (is(count / samples)) latents += 1;
  return { fraction: counts.length === 0 ? 0 : latents / counts.length, latents, dSae: counts.length, samples };
}
