import * as Plot from "@observablehq/plot";
import { extent } from "./extent.js";
import { defineFigure, type Figure, type FigurePanel, legendOf } from "./figure.js";
import { decades, decimal, groupThousands, shortCount } from "./numberText.js";
import { plotPanel } from "./plotPanel.js";
import { type SeriesStyles, seriesStyles } from "./seriesStyle.js";

/** An SAE measured at one moment of training. */
export interface BudgetPoint {
  readonly setting: string;
  readonly architecture: string;
  /** Training samples seen so far. */
  readonly samples: number;
  readonly explainedVariance: number;
  /** True features recovered so far. */
  readonly recovered: number;
  /** Tells runs of one architecture apart; each gets a line. */
  readonly seed?: number;
}

/** The axis of the explained variance goes as low as the data, but no lower: an early value of −30 would leave no room for the rest. */
const leastEv = -0.25;

/**
 * Explained variance and recovered features against the training budget, one line for each run, a column of panels for each
 * setting: does training longer recover features, or only reconstruct? What explains less than −0.25 is drawn there as a triangle pointing
 * down, and a note says so.
 *
 * @param options.features - number of true features, the top of the lower panels
 */
export function budgetCurve({
  title = "What a longer training run buys",
  points,
  features,
}: {
  title?: string;
  points: readonly BudgetPoint[];
  features: number;
}): Figure {
  const styles = seriesStyles(points.map(({ architecture }) => architecture));
  const settings = [...new Set(points.map(({ setting }) => setting))];
  const domain = extent(
    "budgetCurve samples",
    points.map(({ samples }) => samples),
  );
  const [lowestEv] = extent(
    "budgetCurve explained variance",
    points.map(({ explainedVariance }) => explainedVariance),
  );
  const row = (y: "explainedVariance" | "recovered", options: Plot.ScaleOptions, titled: boolean): FigurePanel[] =>
    settings.map((setting) => ({
      title: titled ? setting : undefined,
      ...linePanel(
        points.filter((point) => point.setting === setting),
        y,
        styles,
        domain,
        options,
      ),
    }));
  return defineFigure({
    title,
    subtitle: `Samples and recovered features on logarithmic axes; recovered: best cosine above 0.8, of ${groupThousands(features)} features`,
    description: describe(points, styles),
    legend: legendOf(styles, "line"),
    notes:
      lowestEv < leastEv
        ? [`A triangle pointing down: the explained variance lies below ${decimal(leastEv, 2)}, the end of the axis.`]
        : [],
    rows: [
      row(
        "explainedVariance",
        {
          domain: [Math.max(leastEv, Math.min(0, lowestEv)), 1],
          clamp: true,
          label: "explained variance",
          ticks: 5,
          tickFormat: (v: number) => decimal(v, 1),
        },
        true,
      ),
      row(
        "recovered",
        // Three recovered features are not none: equal steps for 1, 10, 100.
        {
          type: "symlog",
          domain: [0, features],
          label: "features recovered",
          ticks: [0, ...decades(1, features / 2), features],
          tickFormat: groupThousands,
        },
        false,
      ),
    ],
  });
}

function linePanel(
  points: readonly BudgetPoint[],
  y: "explainedVariance" | "recovered",
  styles: SeriesStyles,
  domain: [number, number],
  scale: Plot.ScaleOptions,
) {
  const runs = [...new Set(points.map(({ architecture, seed }) => `${architecture}/${seed}`))];
  const ofRun = (run: string) =>
    points.filter(({ architecture, seed }) => `${architecture}/${seed}` === run).sort((a, b) => a.samples - b.samples);
  return plotPanel({
    width: 400,
    height: 250,
    marginLeft: 46,
    marginRight: 14,
    marginTop: 24,
    marginBottom: 38,
    x: {
      type: "log",
      domain,
      ticks: logTicks(domain),
      tickFormat: shortCount,
      label: "training samples",
      labelOffset: 34,
    },
    y: { grid: true, ...scale },
    marks: [
      Plot.ruleY([0]),
      ...runs.flatMap((run) => {
        const line = ofRun(run);
        const style = styles.of(line[0].architecture);
        const isBelow = (point: BudgetPoint) => y === "explainedVariance" && point.explainedVariance < leastEv;
        const dot = { x: "samples", y, fill: style.colour };
        return [
          Plot.line(line, { x: "samples", y, stroke: style.colour, strokeDasharray: style.dash, strokeWidth: 1.75 }),
          Plot.dot(
            line.filter((point) => !isBelow(point)),
            { ...dot, symbol: style.symbol, r: 3 },
          ),
          Plot.dot(line.filter(isBelow), { ...dot, symbol: "triangle", rotate: 180, r: 4 }),
        ];
      }),
    ],
  });
}

/** Decades, or also their doubles and fives where a decade is all there is to see. */
function logTicks([low, high]: [number, number]): number[] {
  const powers = decades(low, high);
  if (powers.length >= 3) return powers;
  return decades(low / 10, high)
    .flatMap((power) => [power, 2 * power, 5 * power])
    .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

function describe(points: readonly BudgetPoint[], styles: SeriesStyles): string[] {
  const last = new Map<string, BudgetPoint>();
  for (const point of points) {
    const run = `${point.setting}/${point.architecture}/${point.seed}`;
    if ((last.get(run)?.samples ?? 0) <= point.samples) last.set(run, point);
  }
  return [...last.values()].map(
    ({ setting, architecture, samples, explainedVariance, recovered }) =>
      `${setting}, ${styles.of(architecture).label}, after ${shortCount(samples)} samples: explained variance ` +
      `${decimal(explainedVariance, 2)}, ${groupThousands(recovered)} recovered`,
  );
}
