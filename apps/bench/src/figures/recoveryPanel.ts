import * as Plot from "@observablehq/plot";
import { extent } from "./extent.js";
import type { FigurePanel, LegendEntry } from "./figure.js";
import { decades, decimal, groupThousands, percent, powerOfTen } from "./numberText.js";
import { dotsAsPath, plotPanel } from "./plotPanel.js";
import type { SeriesStyle } from "./seriesStyle.js";

/** Best cosine of every true feature in one trained SAE. */
export interface Recovery {
  readonly architecture: string;
  /** For instance "Variable probability". */
  readonly setting: string;
  /** Largest signed cosine of each feature with any decoder row [nFeatures]. */
  readonly cosine: ArrayLike<number>;
  /**
   * Activation probability of each feature [nFeatures]: the horizontal axis. Leave it out when all are equal, and the features
   * are sorted by cosine instead.
   */
  readonly probability?: ArrayLike<number>;
  /** What the paper reports, in its words, for instance "297 (9 %)". */
  readonly reported?: string;
}

/** What decoder rows drawn at random reach as best cosine: ends of a 95 % band. */
export interface NullBand {
  readonly low: number;
  readonly high: number;
}

/** What the panels of one figure have in common. */
export interface RecoveryPanelOptions {
  /** Cosine above which a feature counts as recovered. */
  readonly threshold: number;
  readonly nullBand?: NullBand;
  readonly width: number;
  readonly height: number;
}

/** One SAE: a dot for each feature, the number recovered above. */
export function recoveryPanel(recovery: Recovery, style: SeriesStyle, options: RecoveryPanelOptions): FigurePanel {
  const { threshold, nullBand, width, height } = options;
  const { probability, reported } = recovery;
  const cosine = Array.from(recovery.cosine);
  const title = `${style.label}, ${recovery.setting.toLowerCase()}`;
  const [lowest] = extent(title, cosine);
  const recovered = cosine.filter((value) => value > threshold).length;
  // A line break within the paper's number would make it two.
  const paper = reported === undefined ? "" : `; paper\u00a0${reported.replaceAll(" ", "\u00a0")}`;
  const points =
    probability === undefined
      ? cosine.sort((a, b) => b - a).map((y, i) => ({ x: i + 1, y }))
      : cosine.map((y, i) => ({ x: probability[i], y }));
  return {
    title,
    detail: `recovered ${groupThousands(recovered)} (${percent(recovered / cosine.length)})${paper}`,
    ...plotPanel({
      width,
      height,
      marginLeft: 34,
      marginRight: 12,
      marginTop: 24,
      marginBottom: 38,
      x: { labelOffset: 34, ...(probability === undefined ? rankAxis : probabilityAxis(title, probability)) },
      y: {
        domain: [Math.min(0, lowest), 1],
        label: "best cosine",
        grid: true,
        ticks: 5,
        tickFormat: (v: number) => decimal(v, 1),
      },
      marks: [
        nullBand === undefined
          ? null
          : Plot.rect([nullBand], { y1: "low", y2: "high", fill: "currentColor", fillOpacity: 0.16 }),
        Plot.ruleY([Math.min(0, lowest)]),
        Plot.ruleY([threshold], { strokeDasharray: "5 3" }),
        Plot.dot(points, { x: "x", y: "y", render: dotsAsPath(1.3, style.colour) }),
      ],
    }),
  };
}

const rankAxis: Plot.ScaleOptions = {
  label: "features, best first",
  ticks: 4,
  tickFormat: (v: number) => groupThousands(v),
};

function probabilityAxis(title: string, probability: ArrayLike<number>): Plot.ScaleOptions {
  const domain = extent(title, Array.from(probability));
  return { type: "log", domain, ticks: decades(...domain), tickFormat: powerOfTen, label: "activation probability" };
}

/** Says what the points are, and how many, if all panels have as many. */
export function recoverySubtitle(recoveries: readonly Recovery[]): string {
  const counts = new Set(recoveries.map(({ cosine }) => cosine.length));
  const features = counts.size === 1 ? `each of ${groupThousands([...counts][0])} true features` : "each true feature";
  return `Largest cosine of ${features} with any decoder row`;
}

/** Legend shared by the recovery figures. */
export function recoveryLegend(threshold: number, nullBand: NullBand | undefined): LegendEntry[] {
  return [
    { kind: "mark", symbol: "dot", label: "a true feature" },
    { kind: "line", dash: "5 3", label: `recovered: above ${threshold}` },
    ...(nullBand === undefined ? [] : [{ kind: "band" as const, label: "random decoder, 95 % of features" }]),
  ];
}
