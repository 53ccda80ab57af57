// Shape legend: features [texts, latents]; sums, differences [latents].
import { SaeError } from "@sae/core";
import type { LabelledRows } from "./probingTask.js";
import type { SparseRows } from "./sparseRows.js";

/** What latents are ranked by. */
export type Ranking =
  /** |mean over positives − mean over negatives| (SAEBench). */
  | "difference"
  /** The same after each latent was divided by the mean of its non-zero values (SAE-Probes, arXiv 2502.16681): the scale of a latent does not count. */
  | "scaled-difference";

/**
 * The k latents whose means over positive and negative texts differ most, best first; of equal ones those with the smaller number. Pass training
 * texts only.
 *
 * @throws SaeError `too_few_latents` when there are fewer than k
 */
export function selectLatents(
  features: SparseRows,
  train: LabelledRows,
  k: number,
  ranking: Ranking = "difference",
): Uint32Array {
  if (k > features.columns) {
    throw new SaeError(
      "too_few_latents",
      `selectLatents: needed at least k = ${k} latents, got ${features.columns}; ask for fewer`,
    );
  }
  const size = differences(features, train, ranking).map(Math.abs);
  const order = Uint32Array.from(size, (_, latent) => latent);
  return order.sort((a, b) => size[b] - size[a] || a - b).slice(0, k);
}

function differences({ columns, starts, indices, values }: SparseRows, train: LabelledRows, ranking: Ranking) {
  const sums = { positives: new Float64Array(columns), negatives: new Float64Array(columns) };
  const nonZero = new Float64Array(columns);
  let positives = 0;
  for (let i = 0; i < train.rows.length; i++) {
    const isPositive = train.labels[i] === 1;
    positives += Number(isPositive);
    const sum = isPositive ? sums.positives : sums.negatives;
    for (let at = starts[train.rows[i]]; at < starts[train.rows[i] + 1]; at++) {
      sum[indices[at]] += values[at];
      nonZero[indices[at]]++;
    }
  }
  const negatives = train.rows.length - positives;
  return sums.positives.map((sum, latent) => {
    const difference = sum / Math.max(1, positives) - sums.negatives[latent] / Math.max(1, negatives);
    if (ranking === "difference" || difference === 0) return difference;
    const mean = (sum + sums.negatives[latent]) / nonZero[latent];
    return mean === 0 ? 0 : difference / mean;
  });
}
