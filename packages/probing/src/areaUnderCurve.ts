import { SaeError } from "@sae/core";
import { checkLabels } from "./logisticRegression.js";

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative in which the positive has the larger score, where a tie counts half.
 * Exact, by ranks (Mann and Whitney 1947). 0.5 is chance.
 *
 * @param labels - 1 or 0, [n]; both must occur
 * @throws SaeError `shape_mismatch`, `one_class`, `non_finite` (names the score)
 */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const n = scores.length;
  checkLabels("areaUnderCurve", labels, n);
  for (let i = 0; i < n; i++) {
    if (Number.isFinite(scores[i])) continue;
    throw new SaeError(
      "non_finite",
      `areaUnderCurve: needed finite scores, got ${scores[i]} for text ${i}; look at its activations`,
    );
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let wins = 0; // pairs won, and half of those tied
  let below = 0; // negatives with smaller scores
  let positives = 0;
  for (let start = 0; start < n; ) {
    let [here, end] = [0, start];
    for (; end < n && scores[order[end]] === scores[order[start]]; end++) here += labels[order[end]];
    const negatives = end - start - here;
    wins += here * (below + negatives / 2);
    below += negatives;
    positives += here;
    start = end;
  }
  return wins / (positives * below);
}
