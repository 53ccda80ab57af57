import { startVariance } from "./variance.js";

/** Mean and sample standard deviation (null for one value). */
export function meanAndSd(values: ArrayLike<number>): { mean: number; sd: number | null } {
  const variance = startVariance(1);
  variance.add(Float64Array.from(values));
  return {
    mean: variance.mean[0],
    sd: values.length < 2 ? null : Math.sqrt(variance.sumSquares / (values.length - 1)),
  };
}
