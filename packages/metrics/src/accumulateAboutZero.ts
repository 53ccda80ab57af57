import type { ReconstructionMetricDefinition } from "./reconstructionMetric.js";
import { sumSquaredDifference, sumSquares } from "./variance.js";

/** Sums over all rows. */
export interface SumsAboutZero {
  readonly rows: number;
  /** Σ ‖x − x̂‖². */
  readonly residual: number;
  /** Σ ‖x‖². */
  readonly total: number;
}

/** Accumulates what metrics without centring are made of; `value` makes one. */
export function accumulateAboutZero(
  value: (sums: SumsAboutZero) => number,
): ReturnType<ReconstructionMetricDefinition["accumulate"]> {
  const sums = { rows: 0, residual: 0, total: 0 };
  return {
    add(x, xHat, rows) {
      sums.rows += rows;
      sums.residual += sumSquaredDifference(x, xHat);
      sums.total += sumSquares(x);
    },
    value: () => value(sums),
  };
}
