import { barFloorDash, barPanel } from "./barPanel.js";
import { defineFigure, type Figure, legendOf } from "./figure.js";
import { type ScoreFigure, scoreAxis } from "./scoreFigure.js";
import { describeScores, scoreNotes } from "./scorePoint.js";
import { seriesStyles } from "./seriesStyle.js";

/**
 * Several metrics of the trained SAE and every baseline at one target L0, a panel for each metric with its own axis and floor:
 * Figures 1 and 10 of arXiv 2602.14111. Each architecture has its panels.
 *
 * @param options.scores - a metric and its points, in the order of the panels
 */
export function metricBars({
  title = "Trained against random baselines",
  subtitle,
  scores,
}: {
  title?: string;
  subtitle?: string;
  scores: readonly Pick<ScoreFigure, "metric" | "points">[];
}): Figure {
  const all = scores.flatMap(({ points }) => points);
  const styles = seriesStyles(all.map(({ condition }) => condition));
  const architectures = seriesStyles(all.map(({ architecture }) => architecture));
  const rows = architectures.entries.map(([architecture, { label }]) =>
    scores.flatMap(({ metric, points }) => {
      const own = points.filter((point) => point.architecture === architecture);
      if (own.length === 0) return [];
      const { floor } = metric;
      return [
        {
          title: architectures.entries.length > 1 ? `${label}: ${metric.label}` : metric.label,
          detail: floor === undefined ? undefined : `${floor.label} ${floor.value}`,
          ...barPanel({ points: own, styles, metric, y: scoreAxis(metric, points) }),
        },
      ];
    }),
  );
  return defineFigure({
    title,
    subtitle,
    description: scores.flatMap(({ metric, points }) =>
      describeScores(points, styles, architectures).map((score) => `${metric.label}: ${score}`),
    ),
    legend: [
      ...legendOf(styles, "bar"),
      ...(scores.some(({ metric }) => metric.floor !== undefined)
        ? [{ kind: "line" as const, dash: barFloorDash, label: "what chance, or doing nothing, scores" }]
        : []),
    ],
    rows,
    notes: [...new Set(scores.flatMap(({ metric, points }) => scoreNotes(metric, points)))],
  });
}
