import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.js";
import { paper } from "./palette.js";
import { plotPanel } from "./plotPanel.js";
import { type ScoreFigure, type ScorePanel, scoreFigure } from "./scoreFigure.js";
import type { ScorePoint } from "./scorePoint.js";

const floorDash = "1 3";

/**
 * A metric against sparsity, one line for the trained SAE and one for each baseline, a panel for each architecture: Figures 4,
 * 7, 8 and 12 to 14 of arXiv 2602.14111.
 */
export function scoreByL0(figure: ScoreFigure): Figure {
  const title = figure.title ?? `${figure.metric.label} against sparsity`;
  return scoreFigure({ ...figure, title, kind: "line", floorDash, perTarget: false, panel });
}

function panel({ points, styles, metric, y }: ScorePanel) {
  const targets = [...new Set(points.map(({ l0 }) => l0))].sort((a, b) => a - b);
  const mean = ({ score }: ScorePoint) => score.mean;
  return plotPanel({
    width: 320,
    height: 270,
    marginLeft: 40,
    marginRight: 14,
    marginTop: 24,
    marginBottom: 38,
    x: {
      type: "log",
      domain: around(targets),
      ticks: targets,
      tickFormat: (v: number) => `${v}`,
      label: "target L0",
      labelOffset: 34,
    },
    y,
    marks: [
      Plot.ruleY([y.domain[0]]),
      metric.floor === undefined
        ? null
        : Plot.ruleY([metric.floor.value], { strokeDasharray: floorDash, strokeWidth: 1.5 }),
      ...styles.entries.flatMap(([condition, { colour, dash, symbol, hollow }]) => {
        const line = points.filter((point) => point.condition === condition).sort((a, b) => a.l0 - b.l0);
        const withInterval = line.filter(({ score }) => score.low !== null);
        return [
          Plot.line(line, { x: "l0", y: mean, stroke: colour, strokeDasharray: dash, strokeWidth: 1.75 }),
          Plot.ruleX(withInterval, {
            x: "l0",
            y1: ({ score }) => score.low,
            y2: ({ score }) => score.high,
            stroke: colour,
            strokeWidth: 1.5,
          }),
          Plot.dot(line, {
            x: "l0",
            y: mean,
            fill: hollow ? paper : colour,
            stroke: colour,
            strokeWidth: hollow ? 1.5 : 0,
            symbol,
            r: 3.5,
          }),
        ];
      }),
    ],
  });
}

/** The targets with room to either side; a single one gets an axis of its own neighbourhood. */
function around(targets: readonly number[]): [number, number] {
  if (targets.length === 0) return [1, 10];
  const low = targets[0];
  const high = targets[targets.length - 1];
  return low === high ? [low / 2, low * 2] : [low / (high / low) ** 0.05, high * (high / low) ** 0.05];
}
