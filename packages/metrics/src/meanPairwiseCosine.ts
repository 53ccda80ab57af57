import { forEachCosine } from "./cosine.js";
import { nothingMeasured, type Rows } from "./rows.js";

/**
 * Mean of |cosine| over all pairs of distinct rows: "c_dec", lowest near the right L0.
 *
 * @param rows - [n, dModel], at least two
 * @throws SaeError `shape_mismatch`; `nothing_measured` without a pair; `non_finite` when a row holds NaN or infinity
 * Source: arXiv 2508.16560.
 */
export function meanPairwiseCosine(rows: Rows, dModel: number): number {
  let pairs = 0;
  let sum = 0;
  forEachCosine("meanPairwiseCosine", rows, rows, dModel, (i, j, cosine) => {
    if (j <= i) return;
    pairs += 1;
    sum += Math.abs(cosine);
  });
  if (pairs === 0) throw nothingMeasured("meanPairwiseCosine", "pair of rows");
  return sum / pairs;
}
