import * as Plot from "@observablehq/plot";
import { decimal } from "./numberText.js";
import { paper } from "./palette.js";
import { plotPanel } from "./plotPanel.js";
import { type ScoreFigure, type ScorePanel, scoreFigure } from "./scoreFigure.js";
import type { ScorePoint } from "./scorePoint.js";

const barWidth = 26;
/** How a panel of bars draws the floor. */
export const barFloorDash = "5 3";

/**
 * A metric of the trained SAE beside every baseline, with intervals: groups of bars for each target L0, a row of panels for
 * each architecture (Figures 1 and 10 of arXiv 2602.14111, for any metric and L0). A bar ends in its mean, printed above it.
 */
export function baselineBars(figure: ScoreFigure): string {
  const title = figure.title ?? `${figure.metric.label}: trained against random baselines`;
  return scoreFigure({ ...figure, title, kind: "bar", floorDash: barFloorDash, panel: barPanel });
}

/** Bars of one architecture, a group for each target. */
export function barPanel({ points, styles, metric, y }: ScorePanel) {
  const targets = [...new Set(points.map(({ l0 }) => l0))].sort((a, b) => a - b);
  const conditions = styles.entries
    .map(([name]) => name)
    .filter((name) => points.some(({ condition }) => condition === name));
  const withInterval = points.filter(({ score: { low } }) => low !== null);
  const groupWidth = barWidth * conditions.length + 24;
  const inset = 7;
  const low = ({ score }: ScorePoint) => score.low;
  const high = ({ score }: ScorePoint) => score.high;
  return plotPanel({
    width: 44 + groupWidth * targets.length + 8,
    height: 270,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 24,
    marginBottom: 42,
    fx: { domain: targets, padding: 0.1 },
    x: { domain: conditions, axis: null, padding: 0.12 },
    y,
    facet: { marginTop: 24, marginBottom: 42 },
    marks: [
      Plot.axisFx({ anchor: "bottom", label: "target L0", labelOffset: 34, dy: 0 }),
      Plot.barY(points, {
        fx: "l0",
        x: "condition",
        y: ({ score }) => score.mean,
        fill: ({ condition }) => (styles.of(condition).hollow ? paper : styles.of(condition).colour),
        stroke: ({ condition }) => styles.of(condition).colour,
        strokeWidth: 2,
        insetLeft: 1,
        insetRight: 1,
      }),
      Plot.ruleY([0]),
      metric.floor === undefined ? null : Plot.ruleY([metric.floor.value], { strokeDasharray: barFloorDash }),
      Plot.ruleX(withInterval, { fx: "l0", x: "condition", y1: low, y2: high, strokeWidth: 1.5 }),
      Plot.tickY(withInterval, {
        fx: "l0",
        x: "condition",
        y: low,
        strokeWidth: 1.5,
        insetLeft: inset,
        insetRight: inset,
      }),
      Plot.tickY(withInterval, {
        fx: "l0",
        x: "condition",
        y: high,
        strokeWidth: 1.5,
        insetLeft: inset,
        insetRight: inset,
      }),
      Plot.text(points, {
        fx: "l0",
        x: "condition",
        y: ({ score }) => Math.max(0, score.high ?? score.mean, score.mean),
        text: ({ score }) => decimal(score.mean, 2).replace(/^(−?)0\./, "$1."),
        lineAnchor: "bottom",
        dy: -4,
        fontSize: 10.5,
        fill: "currentColor",
        stroke: paper,
        strokeWidth: 3,
      }),
    ],
  });
}
