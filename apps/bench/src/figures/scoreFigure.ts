import type * as Plot from "@observablehq/plot";
import { composeFigure, inRows, legendOf } from "./composeFigure.js";
import { decimal } from "./numberText.js";
import type { PlotPanel } from "./plotPanel.js";
import { axisLabel, describeScores, type Metric, type ScorePoint, scoreDomain, scoreNotes } from "./scorePoint.js";
import { type SeriesStyles, seriesStyles } from "./seriesStyle.js";

/** What a figure of scores shows. */
export interface ScoreFigure {
  readonly title?: string;
  readonly metric: Metric;
  readonly points: readonly ScorePoint[];
}

/** What a panel of {@link scoreFigure} draws: the scores of one architecture. */
export interface ScorePanel {
  readonly points: readonly ScorePoint[];
  readonly styles: SeriesStyles;
  readonly metric: Metric;
  /** The score axis, the same in every panel. */
  readonly y: Plot.ScaleOptions & { readonly domain: [number, number] };
}

/**
 * Scores of the trained SAE and of every baseline, a panel for each architecture.
 *
 * @param options.kind - what stands for a condition, in the panels and in the legend
 * @param options.floorDash - how `panel` draws the metric's floor
 */
export function scoreFigure({
  title,
  metric,
  points,
  kind,
  floorDash,
  panel,
}: ScoreFigure & {
  readonly title: string;
  readonly kind: "bar" | "line";
  readonly floorDash: string;
  readonly panel: (panel: ScorePanel) => PlotPanel;
}): string {
  const styles = seriesStyles(points.map(({ condition }) => condition));
  const architectures = seriesStyles(points.map(({ architecture }) => architecture));
  const y = scoreAxis(metric, points);
  const { floor } = metric;
  return composeFigure({
    title,
    subtitle: metric.definition,
    description: describeScores(points, styles, architectures),
    legend: [
      ...legendOf(styles, kind),
      ...(floor === undefined
        ? []
        : [{ kind: "line" as const, dash: floorDash, label: `${floor.label} ${floor.value}` }]),
    ],
    rows: inRows(
      architectures.entries.map(([architecture, { label }]) => ({
        title: label,
        ...panel({ points: points.filter((point) => point.architecture === architecture), styles, metric, y }),
      })),
    ),
    notes: scoreNotes(metric, points),
  });
}

/** The axis of a metric, wide enough for the points. */
export const scoreAxis = (metric: Metric, points: readonly ScorePoint[]): ScorePanel["y"] => ({
  domain: scoreDomain(metric, points),
  clamp: true,
  label: axisLabel(metric),
  grid: true,
  ticks: 5,
  tickFormat: (v: number) => decimal(v, 1),
});
