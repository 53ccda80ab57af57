import { barFloorDash, barPanel } from "./baselineBars.js";
import { composeFigure, inRows, legendOf } from "./composeFigure.js";
import { scoreAxis } from "./scoreFigure.js";
import { describeScores, type Metric, type ScorePoint, scoreNotes } from "./scorePoint.js";
import { seriesStyles } from "./seriesStyle.js";

/** One metric of the SAEs of an architecture. */
export interface MetricScores {
  readonly metric: Metric;
  readonly points: readonly ScorePoint[];
}

/** Several metrics of one architecture, trained beside every baseline, a panel for each metric: Figures 1 and 10 of arXiv 2602.14111. */
export function metricBars({ title, scores }: { title: string; scores: readonly MetricScores[] }): string {
  const points = scores.flatMap((one) => one.points);
  const styles = seriesStyles(points.map(({ condition }) => condition));
  const architectures = seriesStyles(points.map(({ architecture }) => architecture));
  return composeFigure({
    title,
    description: scores
      .map(({ metric, points }) => `${metric.label}: ${describeScores(points, styles, architectures)}`)
      .join(". "),
    legend: [...legendOf(styles, "bar"), { kind: "line", dash: barFloorDash, label: "chance, or doing nothing" }],
    rows: inRows(
      scores.map(({ metric, points }) => ({
        title: metric.label,
        ...(metric.floor && { detail: `${metric.floor.label} ${metric.floor.value}` }),
        ...barPanel({ points, styles, metric, y: scoreAxis(metric, points) }),
      })),
    ),
    notes: [...new Set(scores.flatMap(({ metric, points }) => scoreNotes(metric, points)))],
  });
}
