import * as Plot from "@observablehq/plot";
import { type Histogram, histogram } from "@sae/metrics";
import { extent } from "./extent.js";
import { defineFigure, type Figure, type FigurePanel } from "./figure.js";
import { inSentence } from "./inSentence.js";
import { decimal, percent } from "./numberText.js";
import { type PlotPanel, plotPanel } from "./plotPanel.js";
import { floorEntry } from "./scoreFigure.js";
import type { Metric } from "./scorePoint.js";
import { type SeriesStyle, seriesStyles } from "./seriesStyle.js";

/** Scores of the units of one SAE, or of several seeds together. */
export interface ScoreDistribution {
  readonly architecture: string;
  /** `"trained"` or the name of a baseline. */
  readonly condition: string;
  /** One for each latent, task or pair. */
  readonly values: readonly number[];
}

const bins = 20;
const floorDash = "5 3";
const meanDash = "1 3";

/**
 * How the scores of single latents (or tasks, or pairs) are distributed in every condition, a panel for each: Figure 5 of arXiv
 * 2602.14111, with the mean and the chance level marked.
 *
 * @param options.units - what has a score, in the plural: `"latents"`
 * @param options.threshold - a score to count from, in the line above each panel
 */
export function scoreHistogram({
  metric,
  title = `${metric.label}: distribution`,
  distributions,
  units = "latents",
  threshold,
}: {
  metric: Metric;
  title?: string;
  distributions: readonly ScoreDistribution[];
  units?: string;
  threshold?: number;
}): Figure {
  const shown = distributions.filter(({ values }) => values.length > 0);
  const styles = seriesStyles(shown.map(({ condition }) => condition));
  const architectures = seriesStyles(shown.map(({ architecture }) => architecture));
  const [from, to] = metric.range ?? [0, 1];
  const counted = shown.map(({ values }) => histogram(values, { bins, from, to }));
  const highest = Math.max(0, ...counted.flatMap((counts) => sharesOf(counts)));
  const panelOf = ({ architecture, condition, values }: ScoreDistribution, i: number): FigurePanel => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const { label } = styles.of(condition);
    return {
      title: architectures.entries.length > 1 ? `${architectures.of(architecture).label}: ${label}` : label,
      detail: [
        `mean ${decimal(mean, 2)}`,
        ...(threshold === undefined
          ? []
          : [`${percent(values.filter((value) => value > threshold).length / values.length)} above ${threshold}`]),
      ].join(", "),
      ...panel(counted[i], mean, { metric, units, highest, style: styles.of(condition) }),
    };
  };
  const panels = shown.map(panelOf);
  const rows = architectures.entries.map(([architecture]) =>
    panels.filter((_, i) => shown[i].architecture === architecture),
  );
  const outside = counted.reduce((sum, counts) => sum + counts.outside, 0);
  const [fewest, most] = extent(
    title,
    shown.map(({ values }) => values.length),
  );
  return defineFigure({
    title,
    subtitle: metric.definition,
    description: panels.map(({ title: name, detail }, i) => `${name}: ${detail}, ${shown[i].values.length} ${units}`),
    legend: [{ kind: "line", dash: meanDash, label: "mean" }, ...floorEntry(metric, floorDash)],
    rows,
    notes: [
      `${fewest === most ? fewest : `${fewest} to ${most}`} ${units} in a panel.`,
      ...(outside === 0 ? [] : [`${outside} outside [${from}, ${to}] are not drawn.`]),
    ],
  });
}

const sharesOf = ({ counts, outside }: Histogram): number[] => {
  const all = counts.reduce((sum, count) => sum + count, outside);
  return counts.map((count) => count / all);
};

function panel(
  counts: Histogram,
  mean: number,
  { metric, units, highest, style }: { metric: Metric; units: string; highest: number; style: SeriesStyle },
): PlotPanel {
  const { edges } = counts;
  const shares = sharesOf(counts).map((share, bin) => ({ x1: edges[bin], x2: edges[bin + 1], share }));
  const { floor } = metric;
  return plotPanel({
    width: 250,
    height: 180,
    marginLeft: 44,
    marginRight: 10,
    marginTop: 24,
    marginBottom: 38,
    x: {
      domain: [edges[0], edges[edges.length - 1]],
      label: inSentence(metric.label),
      labelOffset: 34,
      ticks: 5,
      tickFormat: (v: number) => decimal(v, 1),
    },
    y: {
      domain: [0, Math.max(0.01, highest)],
      label: `share of ${units}`,
      grid: true,
      ticks: 4,
      tickFormat: percent,
    },
    marks: [
      Plot.rect(
        shares.filter(({ share }) => share > 0),
        {
          x1: "x1",
          x2: "x2",
          y1: 0,
          y2: "share",
          fill: style.colour,
          fillOpacity: style.hollow ? 0.25 : 1,
          stroke: style.colour,
          insetRight: 1,
        },
      ),
      Plot.ruleY([0]),
      floor === undefined ? null : Plot.ruleX([floor.value], { strokeDasharray: floorDash }),
      Plot.ruleX([mean], { strokeDasharray: meanDash, strokeWidth: 2 }),
    ],
  });
}
