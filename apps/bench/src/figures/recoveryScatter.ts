import { composeFigure } from "./composeFigure.js";
import { type NullBand, type Recovery, recoveryLegend, recoveryPanel, recoverySubtitle } from "./recoveryPanel.js";
import { seriesStyles } from "./seriesStyle.js";

/**
 * Best cosine of every true feature, against its activation probability or, where all probabilities are equal, sorted: the
 * second half of Figures 2 and 3 of arXiv 2602.14111, one panel for each SAE.
 *
 * @param options.nullBand - see `nullBestCosine` of @sae/metrics
 * @param options.threshold - cosine above which a feature counts as recovered
 */
export function recoveryScatter({
  title = "Which features were recovered",
  recoveries,
  nullBand,
  threshold = 0.8,
}: {
  title?: string;
  recoveries: readonly Recovery[];
  nullBand?: NullBand;
  threshold?: number;
}): string {
  const styles = seriesStyles(recoveries.map(({ architecture }) => architecture));
  const panels = recoveries.map((recovery) =>
    recoveryPanel(recovery, styles.of(recovery.architecture), { threshold, nullBand, width: 380, height: 270 }),
  );
  const rows = [];
  for (let i = 0; i < panels.length; i += 2) rows.push(panels.slice(i, i + 2));
  return composeFigure({
    title,
    subtitle: recoverySubtitle(recoveries),
    description: panels.map((panel) => `${panel.title}: ${panel.detail}`).join("; "),
    legend: recoveryLegend(threshold, nullBand),
    rows,
  });
}
