import { SaeError } from "@sae/core";
import { meanOf, RECOVERY_THRESHOLDS, type RecoveredFraction, recoveredFractions } from "./featureRecovery.js";

/** The features whose activation probability lies in [low, high). */
export interface RecoveryBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly meanCosine: number;
  /** One for each threshold. */
  readonly recovered: readonly RecoveredFraction[];
}

/**
 * Recovery against how often a feature is active, in bins of equal width in the logarithm; edges at the powers
 * 10^(i / binsPerDecade), so that curves of different models share them. Empty bins are left out.
 *
 * Source: arXiv 2602.14111, Figure 3 (there as a scatter plot).
 *
 * @param features probabilities [m], each above 0; bestCosine [m], see `featureRecovery`
 * @throws SaeError `shape_mismatch`, `bad_config`
 */
export function recoveryCurve(features: {
  probabilities: Float64Array;
  bestCosine: Float32Array;
  binsPerDecade?: number;
  thresholds?: readonly number[];
}): RecoveryBin[] {
  const { probabilities, bestCosine, binsPerDecade = 4, thresholds = RECOVERY_THRESHOLDS } = features;
  if (probabilities.length !== bestCosine.length) {
    throw new SaeError(
      "shape_mismatch",
      `recoveryCurve: needed one cosine for each of ${probabilities.length} probabilities, got ${bestCosine.length}`,
    );
  }
  const cosinesOf = new Map<number, number[]>();
  for (const [feature, p] of probabilities.entries()) {
    if (!(p > 0)) throw new SaeError("bad_config", `recoveryCurve: needed probabilities above 0, got ${p}`);
    const bin = Math.floor(Math.log10(p) * binsPerDecade);
    const cosines = cosinesOf.get(bin) ?? [];
    cosines.push(bestCosine[feature]);
    cosinesOf.set(bin, cosines);
  }
  return [...cosinesOf.entries()]
    .sort(([a], [b]) => a - b)
    .map(([bin, cosines]) => {
      const values = Float32Array.from(cosines);
      return {
        low: 10 ** (bin / binsPerDecade),
        high: 10 ** ((bin + 1) / binsPerDecade),
        count: values.length,
        meanCosine: meanOf(values),
        recovered: recoveredFractions(values, thresholds),
      };
    });
}
