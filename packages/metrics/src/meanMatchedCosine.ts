import type { Similarity } from "./cosine.js";
import { matchRows } from "./matchRows.js";
import { nothingMeasured, type Rows } from "./rows.js";

/**
 * Mean |cosine| of the best one-to-one matching, "MCC": min(nA, nB) pairs, symmetric, in [0, 1]. Between decoders of two
 * seeds it measures stability, between a decoder and the true features it measures recovery without double counting.
 *
 * Source: arXiv 2411.13117; SynthSAEBench.
 * @throws SaeError as `matchRows`; `nothing_measured` when either matrix has no rows
 */
export function meanMatchedCosine(a: Rows, b: Rows, dModel: number, similarity: Similarity = "absolute"): number {
  const matches = matchRows(a, b, dModel, similarity);
  if (matches.length === 0) throw nothingMeasured("meanMatchedCosine", "pair of rows");
  return matches.reduce((sum, { cosine }) => sum + cosine, 0) / matches.length;
}
