import { defineFigure, type Figure, type FigurePanel } from "./figure.js";
import { type NullBand, type Recovery, recoveryLegend, recoveryPanel, recoverySubtitle } from "./recoveryPanel.js";
import { seriesStyles } from "./seriesStyle.js";

/** What a figure of recoveries shows. */
export interface RecoveryFigure {
  readonly title?: string;
  readonly recoveries: readonly Recovery[];
  /** What random directions reach, see `nullBestCosine` of @sae/metrics. */
  readonly nullBand?: NullBand;
  /** Cosine above which a feature counts as recovered; 0.8 when left out. */
  readonly threshold?: number;
}

/**
 * A panel for each trained SAE.
 *
 * @param options.rows - the recoveries of each row of panels
 */
export function recoveryFigure({
  title,
  recoveries,
  nullBand,
  threshold = 0.8,
  rows,
  ...size
}: RecoveryFigure & {
  readonly title: string;
  readonly rows: readonly (readonly Recovery[])[];
  readonly width: number;
  readonly height: number;
}): Figure {
  const styles = seriesStyles(recoveries.map(({ architecture }) => architecture));
  const panels = rows.map((row) =>
    row.map(
      (recovery): FigurePanel =>
        recoveryPanel(recovery, styles.of(recovery.architecture), { threshold, nullBand, ...size }),
    ),
  );
  return defineFigure({
    title,
    subtitle: recoverySubtitle(recoveries),
    description: panels.flat().map((panel) => `${panel.title}: ${panel.detail}`),
    legend: recoveryLegend(threshold, nullBand),
    rows: panels,
  });
}
