import { histogram } from "@sae/metrics";
import { decoderDriftHistogram } from "../figures/decoderDriftHistogram.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { ReportFigure } from "../report/report.js";
import { snapshotAt } from "./syntheticGroups.js";

/** Cosine that the paper's soft-frozen decoder keeps, and that its bound is about. */
export const tau = 0.8;

/**
 * Figure 11 of arXiv 2602.14111: how far the decoder rows of one SAE turned, after each of the shares of its steps that was looked at.
 *
 * @param of which SAE, for readers
 */
export function driftFigure({
  id,
  of,
  variant,
  result,
  steps,
  shares,
}: {
  /** Name of the figure. */
  readonly id: string;
  readonly of: string;
  readonly variant: string;
  readonly result: TrainJobResult;
  readonly steps: number;
  readonly shares: readonly number[];
}): ReportFigure[] {
  const { edges } = histogram([]);
  const snapshots = shares.flatMap((progress) => {
    const found = snapshotAt(result, progress, steps);
    if (found === null) return [];
    const { drift, explainedVariance } = found;
    return [
      { progress, histogram: { edges, counts: [...drift.histogram], outside: 0 }, mean: drift.mean, explainedVariance },
    ];
  });
  if (snapshots.length === 0) return [];
  return [
    {
      id,
      caption: `Cosine of each decoder row with its initial row: ${of} (Figure 11 of the paper).`,
      drawing: decoderDriftHistogram({ of, snapshots, tau }),
      data: snapshots.flatMap(({ progress, histogram: { counts } }) =>
        counts.flatMap((rows, bin) =>
          rows === 0 ? [] : [{ variant, progress, from: edges[bin], to: edges[bin + 1], rows }],
        ),
      ),
      definition:
        "How many decoder rows have which cosine with their own initial row, after so much of the training; 1 is where they started.",
    },
  ];
}
