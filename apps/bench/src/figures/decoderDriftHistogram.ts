import * as Plot from "@observablehq/plot";
import type { Histogram } from "@sae/metrics";
import { extent } from "./extent.js";
import { defineFigure, type Figure, type FigurePanel } from "./figure.js";
import { decimal, percent } from "./numberText.js";
import { seriesColour } from "./palette.js";
import { plotPanel } from "./plotPanel.js";

/** The decoder at one moment of training. */
export interface DriftSnapshot {
  /** Share of the training steps done, in [0, 1]. */
  readonly progress: number;
  /** Cosine of each decoder row with its initial row, binned. */
  readonly histogram: Histogram;
  /** Mean of the cosines. */
  readonly mean: number;
  /** Explained variance at that moment, if it was measured. */
  readonly explainedVariance?: number;
}

/**
 * How far decoder rows turned from their random start, a panel for each moment: Figure 11 of arXiv 2602.14111. Mass near 1
 * beside a good explained variance is lazy training.
 *
 * @param options.of - which SAE, for the subtitle
 * @param options.tau - a cosine to mark, such as the limit of the soft-frozen decoder
 */
export function decoderDriftHistogram({
  title = "How far decoder rows turned from their initial direction",
  of,
  snapshots,
  tau,
}: {
  title?: string;
  of?: string;
  snapshots: readonly DriftSnapshot[];
  tau?: number;
}): Figure {
  const shares = snapshots.map(({ histogram }) => {
    const rows = histogram.counts.reduce((sum, count) => sum + count, histogram.outside);
    return histogram.counts.map((count) => (rows === 0 ? 0 : count / rows));
  });
  const [, highest] = extent("decoderDriftHistogram", shares.flat());
  const filled = snapshots.flatMap(({ histogram: { edges, counts } }) => edges.filter((_, bin) => counts[bin] > 0));
  const from = filled.reduce((low, edge) => Math.min(low, edge), 0);
  const panels = snapshots.map(({ progress, histogram, mean, explainedVariance }, i): FigurePanel => {
    const bins = shares[i].map((share, bin) => ({ x1: histogram.edges[bin], x2: histogram.edges[bin + 1], share }));
    const ev = explainedVariance === undefined ? "" : `, explained variance ${decimal(explainedVariance, 2)}`;
    return {
      title: `After ${percent(progress)} of the steps`,
      detail: `mean cosine ${decimal(mean, 2)}${ev}`,
      ...plotPanel({
        width: 290,
        height: 240,
        marginLeft: 48,
        marginRight: 10,
        marginTop: 24,
        marginBottom: 38,
        x: { domain: [from, 1], label: "cosine with the initial row", labelOffset: 34, ticks: 5 },
        y: {
          domain: [0, Math.max(0.01, highest)],
          label: "share of rows",
          grid: true,
          ticks: 4,
          tickFormat: percent,
          nice: true,
        },
        marks: [
          Plot.rect(
            bins.filter(({ share }) => share > 0),
            { x1: "x1", x2: "x2", y1: 0, y2: "share", fill: seriesColour(0), insetRight: 0.5 },
          ),
          Plot.ruleY([0]),
          tau === undefined ? null : Plot.ruleX([tau], { strokeDasharray: "5 3" }),
        ],
      }),
    };
  });
  return defineFigure({
    title,
    subtitle: of,
    description: panels.map((panel) => `${panel.title}: ${panel.detail}`),
    legend: tau === undefined ? [] : [{ kind: "line", dash: "5 3", label: `τ = ${tau}` }],
    rows: [panels],
  });
}
