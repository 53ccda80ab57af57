import type { Firings } from "./firings.js";

/** Mean number of active latents (f > 0) for each input. */
export function l0({ samples, counts }: Firings): number {
  let active = 0;
  for (const count of counts) active += count;
  return active / samples;
}
