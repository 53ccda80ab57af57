/** Below this a variance counts as zero: constant inputs have nothing to explain. */
const zeroVariance = 1e-10;

/**
 * 1 − residual / variance, with the one rule every definition here shares for inputs that do not vary: 1 when the residual
 * vanishes too, else 0.
 *
 * @param residual - summed squared error, in the units of `variance`
 * @param variance - what there was to explain
 * @param rows - what both sums are divided by before the comparison with {@link zeroVariance}; 1 when they already are means
 */
export function explainedFraction(residual: number, variance: number, rows = 1): number {
  if (variance / rows < zeroVariance) return residual / rows < zeroVariance ? 1 : 0;
  return 1 - residual / variance;
}
