// Shape legend: encoders and decoders as rows of directions [dSae, dModel]: transpose W_enc before the call.
import { matchRows } from "./matchRows.js";
import { nothingMeasured, type Rows } from "./rows.js";

/** The two sets of directions of one SAE. */
export interface LatentDirections {
  /** Encoder directions, one row a latent [dSae, dModel]. */
  readonly encoder: Rows;
  /** Decoder rows [dSae, dModel]. */
  readonly decoder: Rows;
}

/**
 * Share of the latents that two SAEs have in common: matched separately on encoder and decoder directions (signed), a latent
 * is shared when both matchings choose the same partner and both cosines reach the threshold. One value for each threshold,
 * because a single one hides how fast it falls.
 *
 * @param thresholds - cosines; 0.7 is the customary one
 * @returns share of the matched pairs, one for each threshold
 * Source: Paulo and Belrose, arXiv 2501.16615.
 */
export function sharedFraction(
  a: LatentDirections,
  b: LatentDirections,
  dModel: number,
  thresholds: readonly number[] = [0.7],
): number[] {
  const byEncoder = new Map(matchRows(a.encoder, b.encoder, dModel, "signed").map((match) => [match.a, match]));
  const byDecoder = matchRows(a.decoder, b.decoder, dModel, "signed");
  if (byDecoder.length === 0) throw nothingMeasured("sharedFraction", "pair of latents");
  const weakest = byDecoder.map((decoder) => {
    const encoder = byEncoder.get(decoder.a);
    return encoder?.b === decoder.b ? Math.min(encoder.cosine, decoder.cosine) : Number.NEGATIVE_INFINITY;
  });
  return thresholds.map((threshold) => weakest.filter((cosine) => cosine >= threshold).length / byDecoder.length);
}
