import { SaeError } from "@sae/core";
import type { Interval } from "./interval.js";

/** Whether training beats the strongest random baseline. */
export interface Verdict {
  /**
   * `beats`: the whole interval of the difference is on the better side of 0. `does-not`: the whole interval is on the worse side of the smallest effect of
   * interest. `cannot-tell`: neither, with this much data; also where there is no interval.
   */
  readonly verdict: "beats" | "does-not" | "cannot-tell";
  /** It beats them by less than the smallest effect of interest. */
  readonly isSmall: boolean;
}

/**
 * Verdict on a difference trained − strongest baseline, as `advantage` gives it.
 *
 * @param smallestEffect - a smaller difference is of no interest to anybody, in units of the score; above 0
 * @throws SaeError `invalid_argument`
 */
export function verdictOf(
  { mean, low, high }: Pick<Interval, "mean" | "low" | "high">,
  { smallestEffect, lessIsBetter = false }: { readonly smallestEffect: number; readonly lessIsBetter?: boolean },
): Verdict {
  if (!(smallestEffect > 0)) {
    throw new SaeError("invalid_argument", `verdictOf: needed a smallest effect above 0, got ${smallestEffect}`);
  }
  if (low === null || high === null) return { verdict: "cannot-tell", isSmall: false };
  const [gain, least, most] = lessIsBetter ? [-mean, -high, -low] : [mean, low, high];
  if (least > 0) return { verdict: "beats", isSmall: gain < smallestEffect };
  return { verdict: most < smallestEffect ? "does-not" : "cannot-tell", isSmall: false };
}
