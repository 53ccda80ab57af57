import { drawUnitRows, fold, key, SaeError } from "@sae/core";
import { quantile } from "@sae/metrics";
import { meanOf, RECOVERY_THRESHOLDS, recoveredFractions, recoveryOf } from "./featureRecovery.js";

/** Mean of some draws, and the interval that holds the middle 95 % of them. */
export interface NullDistribution {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What feature recovery gives for dictionaries that know nothing. */
export interface RandomDictionaryNull {
  readonly draws: number;
  /** Mean best cosine of a dictionary, over the draws. */
  readonly meanCosine: NullDistribution;
  /** Fraction of features recovered by a dictionary, over the draws; one for each threshold. */
  readonly recovered: readonly { readonly threshold: number; readonly fraction: NullDistribution }[];
  /** Best cosine of a single feature, over the features and the draws. */
  readonly featureCosine: NullDistribution;
}

/**
 * Feature recovery of dictionaries of uniformly random unit rows: the floor that a trained dictionary has to be above.
 *
 * @param dictionary dSae rows of dModel; directions [m, dModel], the true features; draws, at least 1 (default 20)
 * @throws SaeError `bad_config`, `shape_mismatch`
 */
export function randomDictionaryNull(dictionary: {
  dModel: number;
  dSae: number;
  directions: Float32Array;
  seed: number | string;
  draws?: number;
  thresholds?: readonly number[];
}): RandomDictionaryNull {
  const { dModel, dSae, directions, seed, draws = 20, thresholds = RECOVERY_THRESHOLDS } = dictionary;
  if (!Number.isSafeInteger(draws) || draws < 1) {
    throw new SaeError("bad_config", `randomDictionaryNull: needed draws to be a positive whole number, got ${draws}`);
  }
  const recover = recoveryOf(directions, dModel);
  const root = fold(key(seed), "random dictionary");
  const cosines = Array.from(
    { length: draws },
    (_, draw) => recover(drawUnitRows(fold(root, draw), dSae, dModel)).bestCosine,
  );
  const fractions = cosines.map((bestCosine) => recoveredFractions(bestCosine, thresholds));
  return {
    draws,
    meanCosine: distributionOf(cosines.map(meanOf)),
    recovered: thresholds.map((threshold, i) => ({
      threshold,
      fraction: distributionOf(fractions.map((ofDraw) => ofDraw[i].fraction)),
    })),
    featureCosine: distributionOf(cosines.flatMap((bestCosine) => [...bestCosine])),
  };
}

function distributionOf(values: readonly number[]): NullDistribution {
  const sorted = Float64Array.from(values).sort();
  return { mean: meanOf(sorted), low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
