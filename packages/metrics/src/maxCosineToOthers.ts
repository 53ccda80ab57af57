import { forEachCosine } from "./cosine.js";
import { type Rows, rowCount } from "./rows.js";

/**
 * For every row, the largest signed cosine with any *other* row: near 1 means a duplicated latent. SAEBench reports the mean
 * over latents, for encoder and decoder.
 *
 * @param rows - [n, dModel], for instance decoder rows
 * @returns [n]; −1 for the only row of a single-row matrix
 * @throws SaeError `shape_mismatch`; `non_finite` when a row holds NaN or infinity
 */
export function maxCosineToOthers(rows: Rows, dModel: number): Float64Array {
  const best = new Float64Array(rowCount("maxCosineToOthers", rows, dModel)).fill(-1);
  forEachCosine("maxCosineToOthers", rows, rows, dModel, (i, j, cosine) => {
    if (i !== j && cosine > best[i]) best[i] = cosine;
  });
  return best;
}
