import { bestCosines } from "./bestCosines.js";
import type { Similarity } from "./cosine.js";
import { type Rows, rowCount } from "./rows.js";

/**
 * Number of distinct features that are some latent's best match, over the number of latents: 1 when every latent has a
 * feature of its own, low when many latents copy a few features.
 *
 * @param latents - decoder rows [nLatents, dModel]; without any the value is 0
 * @param features - true features [nFeatures, dModel], at least one
 * Source: SynthSAEBench.
 */
export function uniqueness(latents: Rows, features: Rows, dModel: number, similarity: Similarity = "absolute"): number {
  const count = rowCount("uniqueness", latents, dModel);
  if (count === 0) return 0;
  return new Set(bestCosines(latents, features, dModel, similarity).index).size / count;
}
