import * as Plot from "@observablehq/plot";
import type { Estimate } from "./estimate.js";
import { extent } from "./extent.js";
import { defineFigure, type Figure, type FigurePanel, type LegendEntry } from "./figure.js";
import { decimal } from "./numberText.js";
import { plotPanel } from "./plotPanel.js";
import { type SeriesStyles, seriesStyles } from "./seriesStyle.js";

/** Explained variance of one architecture in one setting. */
export interface ExplainedVarianceBar {
  /** Panel, for instance "Constant probability". */
  readonly setting: string;
  readonly architecture: string;
  readonly explainedVariance: Estimate;
  /** What the paper reports, where it does. */
  readonly reported?: number;
}

const band = 70;

/**
 * Explained variance of each architecture, a panel for each setting, the paper's value beside ours: the first half of
 * Figures 2, 3 and 9 of arXiv 2602.14111.
 */
export function explainedVarianceBars({
  title = "Explained variance on synthetic data",
  bars,
}: {
  title?: string;
  bars: readonly ExplainedVarianceBar[];
}): Figure {
  const styles = seriesStyles(bars.map(({ architecture }) => architecture));
  const settings = [...new Set(bars.map(({ setting }) => setting))];
  const shown = bars.map((bar) => bar.explainedVariance);
  const [lowest] = extent(
    "explainedVarianceBars",
    shown.flatMap(({ mean, low }) => [0, mean, low ?? mean]),
  );
  const panels = settings.map(
    (setting): FigurePanel => ({
      title: setting,
      ...panel(
        bars.filter((bar) => bar.setting === setting),
        styles,
        lowest,
      ),
    }),
  );
  const legend: LegendEntry[] = [];
  if (bars.some(({ reported }) => reported !== undefined)) {
    legend.push({ kind: "mark", symbol: "hollow diamond", label: "reported in the paper" });
  }
  return defineFigure({
    title,
    subtitle: "1 − E‖x − x̂‖² / E‖x − E[x]‖² over the whole evaluation set; 1 is perfect",
    description: describe(bars, styles),
    legend,
    rows: [panels],
    notes: shown.some(({ low }) => low !== null) ? ["Whiskers: 95 % interval."] : [],
  });
}

function panel(bars: readonly ExplainedVarianceBar[], styles: SeriesStyles, lowest: number) {
  const height = 280;
  const label = ({ architecture }: ExplainedVarianceBar) => styles.of(architecture).label;
  const value = ({ explainedVariance }: ExplainedVarianceBar) => explainedVariance.mean;
  const below = (text: (bar: ExplainedVarianceBar) => string, dy: number, options: Plot.TextOptions = {}) =>
    Plot.text(bars, { x: label, frameAnchor: "bottom", dy, text, lineAnchor: "top", ...options });
  const withInterval = bars.filter(({ explainedVariance: { low } }) => low !== null);
  const low = ({ explainedVariance }: ExplainedVarianceBar) => explainedVariance.low;
  const high = ({ explainedVariance }: ExplainedVarianceBar) => explainedVariance.high;
  return plotPanel({
    width: 44 + band * bars.length + 8,
    height,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 24,
    marginBottom: 62,
    x: { domain: bars.map(label), label: null, axis: null, padding: 0.45 },
    y: { domain: [lowest, 1], label: "explained variance", grid: true, ticks: 5, tickFormat: (v) => decimal(v, 1) },
    marks: [
      Plot.barY(bars, { x: label, y: value, fill: ({ architecture }) => styles.of(architecture).colour }),
      Plot.ruleY([0]),
      Plot.ruleX(withInterval, { x: label, y1: low, y2: high, strokeWidth: 1.5 }),
      Plot.tickY(withInterval, { x: label, y: low, strokeWidth: 1.5, insetLeft: 12, insetRight: 12 }),
      Plot.tickY(withInterval, { x: label, y: high, strokeWidth: 1.5, insetLeft: 12, insetRight: 12 }),
      Plot.dot(
        bars.filter(({ reported }) => reported !== undefined),
        { x: label, y: "reported", symbol: "diamond", r: 4.5, dx: 27, strokeWidth: 1.5 },
      ),
      below(label, 8),
      below((bar) => decimal(value(bar), 3), 25, { fontWeight: 600 }),
      below(({ reported }) => (reported === undefined ? "" : `paper ${decimal(reported, 2)}`), 42, {
        fillOpacity: 0.75,
      }),
    ],
  });
}

function describe(bars: readonly ExplainedVarianceBar[], styles: SeriesStyles): string[] {
  return bars.map(({ setting, architecture, explainedVariance, reported }) => {
    const paper = reported === undefined ? "" : ` (paper ${decimal(reported, 2)})`;
    return `${setting}, ${styles.of(architecture).label}: ${decimal(explainedVariance.mean, 3)}${paper}`;
  });
}
