import { bestCosines } from "./bestCosines.js";
import type { Similarity } from "./cosine.js";
import { nothingMeasured, type Rows } from "./rows.js";

/**
 * Mean over the rows of `a` of the cosine with the closest row of `b`. Not symmetric, and several rows may share a partner:
 * see `meanMatchedCosine` for one-to-one partners.
 *
 * @param a - [nA, dModel], for instance true features
 * @param b - [nB, dModel], for instance decoder rows
 */
export function meanBestCosine(a: Rows, b: Rows, dModel: number, similarity: Similarity = "signed"): number {
  const { cosine } = bestCosines(a, b, dModel, similarity);
  if (cosine.length === 0) throw nothingMeasured("meanBestCosine", "row");
  return cosine.reduce((sum, value) => sum + value, 0) / cosine.length;
}
