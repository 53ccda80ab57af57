// Shape legend: W_dec, initial [dSae, dModel].
import { rowCosines } from "./cosine.js";
import { quantile } from "./quantile.js";
import { nothingMeasured, type Rows } from "./rows.js";

/** How far the decoder rows turned from where they started. */
export interface DecoderDrift {
  /** Cosine of each row with its own initial row [dSae]. */
  readonly cosines: Float64Array;
  readonly mean: number;
  /** Cosines at these shares of the rows, in ascending order. */
  readonly quantiles: {
    readonly q05: number;
    readonly q25: number;
    readonly q50: number;
    readonly q75: number;
    readonly q95: number;
  };
  /** Share of the rows whose cosine is at least `tau`. */
  readonly fractionAtLeastTau: number;
  readonly tau: number;
}

/**
 * Cosine of each decoder row with its own initial row, and a summary. Rows that end near 1 were hardly trained: the SAE
 * reconstructs with its random draw ("lazy training").
 *
 * @param W_dec - decoder now [dSae, dModel]
 * @param initial - decoder at initialisation [dSae, dModel]
 * @param tau - cosine for `fractionAtLeastTau`
 * @throws SaeError `shape_mismatch`; `nothing_measured` without rows; `non_finite` when a row holds NaN or infinity
 * Source: arXiv 2602.14111, appendix D.
 */
export function decoderDrift(W_dec: Rows, initial: Rows, dModel: number, tau = 0.8): DecoderDrift {
  const cosines = rowCosines("decoderDrift", W_dec, initial, dModel);
  if (cosines.length === 0) throw nothingMeasured("decoderDrift", "row");
  const sorted = cosines.slice().sort();
  const at = (q: number) => quantile(sorted, q);
  return {
    cosines,
    mean: cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length,
    quantiles: { q05: at(0.05), q25: at(0.25), q50: at(0.5), q75: at(0.75), q95: at(0.95) },
    fractionAtLeastTau: cosines.filter((cosine) => cosine >= tau).length / cosines.length,
    tau,
  };
}
