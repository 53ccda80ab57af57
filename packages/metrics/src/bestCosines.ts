// Shape legend: a [nA, dModel], b [nB, dModel], rows are directions.
import { forEachCosine, type Similarity } from "./cosine.js";
import { nothingMeasured, type Rows, rowCount } from "./rows.js";

/** For every row of one matrix, its closest row in another. */
export interface BestCosines {
  /** The largest cosine (or |cosine|) [nA]. */
  readonly cosine: Float64Array;
  /** The row of `b` that has it, the first of equals [nA]. */
  readonly index: Int32Array;
}

/**
 * For every row of `a`, the closest row of `b`. With `a` the true features and `b` the decoder rows this is the recovery of
 * each feature (arXiv 2602.14111, Eq. 6: signed). Time nA·nB·dModel, no matrix stored.
 *
 * @param a - [nA, dModel]
 * @param b - [nB, dModel], at least one row
 * @param similarity - `"signed"` by default
 * @throws SaeError `shape_mismatch`; `nothing_measured` when `b` has no rows; `non_finite` when a row of either holds NaN or infinity
 */
export function bestCosines(a: Rows, b: Rows, dModel: number, similarity: Similarity = "signed"): BestCosines {
  const rows = rowCount("bestCosines", a, dModel);
  if (rowCount("bestCosines", b, dModel) === 0) throw nothingMeasured("bestCosines", "candidate row");
  const cosine = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  const index = new Int32Array(rows);
  const absolute = similarity === "absolute";
  forEachCosine("bestCosines", a, b, dModel, (i, j, signed) => {
    const value = absolute ? Math.abs(signed) : signed;
    if (value > cosine[i]) {
      cosine[i] = value;
      index[i] = j;
    }
  });
  return { cosine, index };
}
