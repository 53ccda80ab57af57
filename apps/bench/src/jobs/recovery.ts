import { join } from "node:path";
import { encodeNpy, writeFileAtomic } from "@sae/core";
import { meanMatchedCosine, uniqueness } from "@sae/metrics";
import {
  featureRecovery,
  type RecoveryBin,
  recoveredFractions,
  recoveryCurve,
  type SyntheticModel,
} from "@sae/synthetic";

/** How many of the true features an SAE found. */
export interface FinalRecovery {
  readonly features: number;
  /** Features whose best latent has a (signed) cosine strictly above the threshold, with Wilson's interval. */
  readonly recovered: ReturnType<typeof recoveredFractions>;
  /** Mean over the features of the best cosine (Eq. 6). */
  readonly meanBestCosine: number;
  /** Mean |cosine| of the best one-to-one matching (Hungarian). */
  readonly mcc: number;
  /** Distinct best features of the latents, as a share of the latents. */
  readonly uniqueness: number;
  /** Against activation probability. */
  readonly curve: readonly RecoveryBin[];
}

/** Measures recovery and leaves the best cosine of every feature in `best_cosine.npy`, in the order of the features. */
export async function finalRecovery(
  W_dec: Float32Array,
  model: SyntheticModel,
  folder: string,
): Promise<FinalRecovery> {
  const { directions, dModel, features, probabilities } = model;
  const { bestCosine, mean } = featureRecovery({ W_dec, directions, dModel });
  await writeFileAtomic(
    join(folder, "best_cosine.npy"),
    encodeNpy({ dtype: "float32", shape: [features], data: bestCosine }),
  );
  return {
    features,
    recovered: recoveredFractions(bestCosine),
    meanBestCosine: mean,
    mcc: meanMatchedCosine(W_dec, directions, dModel),
    uniqueness: uniqueness(W_dec, directions, dModel),
    curve: recoveryCurve({ probabilities, bestCosine }),
  };
}
