// Shape legend: a [nA, dModel], b [nB, dModel], rows are directions.
import { SaeError } from "@sae/core";
import { munkres } from "munkres";
import { forEachCosine, type Similarity } from "./cosine.js";
import { type Rows, rowCount } from "./rows.js";

/** One pair of an assignment. */
export interface Match {
  /** Row of the first matrix. */
  readonly a: number;
  /** Row of the second matrix. */
  readonly b: number;
  /** Their cosine, absolute if the matching was. */
  readonly cosine: number;
}

/** Past this the cost matrix (float32) takes more than 1 GiB and the assignment minutes. */
const mostEntries = 2 ** 28;

/**
 * One-to-one partners with the largest total cosine: the Hungarian assignment on 1 − cosine. With unequal row counts every
 * row of the smaller matrix gets a partner.
 *
 * @param a - [nA, dModel]
 * @param b - [nB, dModel]
 * @param similarity - `"absolute"` by default
 * @returns min(nA, nB) pairs in ascending order of `a`
 * @throws SaeError `shape_mismatch`; `too_large` above 2^28 pairs of rows; `non_finite` when a row holds NaN or infinity
 */
export function matchRows(a: Rows, b: Rows, dModel: number, similarity: Similarity = "absolute"): Match[] {
  const nA = rowCount("matchRows", a, dModel);
  const nB = rowCount("matchRows", b, dModel);
  if (nA === 0 || nB === 0) return [];
  if (nA * nB > mostEntries) {
    throw new SaeError(
      "too_large",
      `matchRows: needed at most ${mostEntries} pairs of rows, got ${nA} × ${nB}; match a sample of the rows`,
    );
  }
  const absolute = similarity === "absolute";
  const cosines = new Float32Array(nA * nB); // [nA, nB]
  forEachCosine("matchRows", a, b, dModel, (i, j, cosine) => {
    cosines[i * nB + j] = absolute ? Math.abs(cosine) : cosine;
  });
  const costs = Array.from({ length: nA }, (_, i) =>
    cosines.subarray(i * nB, (i + 1) * nB).map((cosine) => 1 - cosine),
  );
  return munkres(costs)
    .map(([i, j]) => ({ a: i, b: j, cosine: cosines[i * nB + j] }))
    .sort((left, right) => left.a - right.a);
}
