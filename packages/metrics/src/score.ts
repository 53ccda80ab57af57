import { SaeError } from "@sae/core";
import type { Interval } from "./interval.js";

/** A score that cannot be read without knowing what doing nothing would score. */
export interface Score extends Interval {
  /** What chance, or an edit that does nothing, scores. */
  readonly floor: number;
  /** The best possible score. */
  readonly ceiling: number;
  /** `mean − floor`, in the units of the score. */
  readonly aboveFloor: number;
  /** `(mean − floor) / (ceiling − floor)`: 0 at the floor, 1 at the ceiling. */
  readonly shareOfRange: number;
}

/**
 * Puts an interval beside its chance level or floor.
 *
 * @param floor - for instance 0.5 for a balanced judge
 * @param ceiling - 1 by default
 * @throws SaeError `invalid_argument` unless floor < ceiling
 */
export function scoreAbove(interval: Interval, floor: number, ceiling = 1): Score {
  if (!(floor < ceiling)) {
    throw new SaeError("invalid_argument", `scoreAbove: needed floor < ceiling, got ${floor} and ${ceiling}`);
  }
  const aboveFloor = interval.mean - floor;
  return { ...interval, floor, ceiling, aboveFloor, shareOfRange: aboveFloor / (ceiling - floor) };
}
