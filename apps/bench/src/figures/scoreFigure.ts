import type * as Plot from "@observablehq/plot";
import { defineFigure, type Figure, type FigurePanel, type LegendEntry, legendOf } from "./figure.js";
import { inSentence } from "./inSentence.js";
import { decimal } from "./numberText.js";
import type { PlotPanel } from "./plotPanel.js";
import { describeScores, type Metric, type ScorePoint, scoreDomain, scoreNotes } from "./scorePoint.js";
import { type SeriesStyles, seriesStyles } from "./seriesStyle.js";

/** What a figure of scores shows. */
export interface ScoreFigure {
  readonly title?: string;
  readonly metric: Metric;
  readonly points: readonly ScorePoint[];
}

/** What a panel of {@link scoreFigure} draws. */
export interface ScorePanel {
  readonly points: readonly ScorePoint[];
  readonly styles: SeriesStyles;
  readonly metric: Metric;
  readonly y: ScoreAxis;
}

/** The axis of a metric. */
export type ScoreAxis = Plot.ScaleOptions & { readonly domain: [number, number] };

/** The axis of a metric, the same in every panel that shows these points. */
export const scoreAxis = (metric: Metric, points: readonly ScorePoint[]): ScoreAxis => ({
  domain: scoreDomain(metric, points),
  clamp: true,
  label: inSentence(metric.label),
  grid: true,
  ticks: 5,
  tickFormat: (v: number) => decimal(v, 1),
});

/** Legend of the line that {@link ScorePanel} draws at the metric's floor. */
export const floorEntry = ({ floor }: Metric, dash: string): LegendEntry[] =>
  floor === undefined ? [] : [{ kind: "line", dash, label: `${floor.label} ${floor.value}` }];

/**
 * Scores of the trained SAE and of every baseline, a panel for each architecture, or for each architecture and target L0.
 *
 * @param options.kind - what stands for a condition, in the panels and in the legend
 * @param options.floorDash - how `panel` draws the metric's floor
 * @param options.perTarget - whether each target has its panel, those of an architecture beside each other
 */
export function scoreFigure({
  title,
  metric,
  points,
  kind,
  floorDash,
  perTarget,
  panel,
}: ScoreFigure & {
  readonly title: string;
  readonly kind: "bar" | "line";
  readonly floorDash: string;
  readonly perTarget: boolean;
  readonly panel: (panel: ScorePanel) => PlotPanel;
}): Figure {
  const styles = seriesStyles(points.map(({ condition }) => condition));
  const architectures = seriesStyles(points.map(({ architecture }) => architecture));
  const y = scoreAxis(metric, points);
  const draw = (heading: string, shown: readonly ScorePoint[]): FigurePanel => ({
    title: heading,
    ...panel({ points: shown, styles, metric, y }),
  });
  const rows = architectures.entries.map(([architecture, { label }]) => {
    const own = points.filter((point) => point.architecture === architecture);
    if (!perTarget) return [draw(label, own)];
    const targets = [...new Set(own.map(({ l0 }) => l0))].sort((a, b) => a - b);
    return targets.map((target) =>
      draw(
        `${label}, L0 ${target}`,
        own.filter(({ l0 }) => l0 === target),
      ),
    );
  });
  return defineFigure({
    title,
    subtitle: metric.definition,
    description: describeScores(points, styles, architectures),
    legend: [...legendOf(styles, kind), ...floorEntry(metric, floorDash)],
    rows: rows.every(({ length }) => length === 1) ? [rows.flat()] : rows,
    notes: scoreNotes(metric, points),
  });
}
