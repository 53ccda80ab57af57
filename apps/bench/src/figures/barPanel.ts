import * as Plot from "@observablehq/plot";
import { decimal } from "./numberText.js";
import { paper } from "./palette.js";
import { type PlotPanel, plotPanel } from "./plotPanel.js";
import type { ScorePanel } from "./scoreFigure.js";
import type { ScorePoint } from "./scorePoint.js";
import { textWidth } from "./wrapText.js";

const barWidth = 27;
/** Room for the heading of a panel with few bars. */
const leastWidth = 190;
const numberSize = 10.5;

/** How {@link barPanel} draws the metric's floor. */
export const barFloorDash = "5 3";

/** A bar for each condition, its code below and its score above it, with whiskers and the metric's floor. */
export function barPanel({ points, styles, metric, y }: ScorePanel): PlotPanel {
  const conditions = styles.entries
    .map(([name]) => name)
    .filter((name) => points.some(({ condition }) => condition === name));
  const withInterval = points.filter(({ score: { low } }) => low !== null);
  const low = ({ score }: ScorePoint) => score.low;
  const high = ({ score }: ScorePoint) => score.high;
  const cap = { x: "condition", strokeWidth: 1.5, insetLeft: 8, insetRight: 8 };
  const used = 44 + barWidth * conditions.length;
  const width = Math.max(leastWidth, used + 16);
  return plotPanel({
    width,
    height: 252,
    marginLeft: 44,
    marginRight: width - used,
    // The heading of the axis, and below it the number above the highest whisker.
    marginTop: 36,
    marginBottom: 24,
    x: { domain: conditions, axis: null, padding: 0.12 },
    y,
    marks: [
      Plot.barY(points, {
        x: "condition",
        y: ({ score }) => score.mean,
        fill: ({ condition }) => (styles.of(condition).hollow ? paper : styles.of(condition).colour),
        stroke: ({ condition }) => styles.of(condition).colour,
        strokeWidth: 2,
        insetLeft: 1,
        insetRight: 1,
      }),
      Plot.ruleY([Math.max(0, y.domain[0])]),
      metric.floor === undefined ? null : Plot.ruleY([metric.floor.value], { strokeDasharray: barFloorDash }),
      Plot.ruleX(withInterval, { x: "condition", y1: low, y2: high, strokeWidth: 1.5 }),
      Plot.tickY(withInterval, { ...cap, y: low }),
      Plot.tickY(withInterval, { ...cap, y: high }),
      Plot.text(points, {
        x: "condition",
        y: ({ score }) => Math.max(0, score.high ?? score.mean, score.mean),
        text: ({ score }) => shortScore(score.mean),
        lineAnchor: "bottom",
        dy: -4,
        fontSize: numberSize,
        fill: "currentColor",
        stroke: paper,
        strokeWidth: 3,
      }),
      Plot.text(points, {
        x: "condition",
        frameAnchor: "bottom",
        dy: 8,
        lineAnchor: "top",
        text: ({ condition }) => styles.of(condition).short,
      }),
    ],
  });
}

/** A score with as many digits, two at most, as have room above a bar. */
function shortScore(value: number): string {
  const texts = [2, 1, 0].map((digits) => decimal(value, digits).replace(/^(−?)0\./, "$1."));
  return texts.find((text) => textWidth(text, numberSize) <= barWidth) ?? texts[2];
}
