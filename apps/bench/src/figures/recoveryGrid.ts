import { composeFigure } from "./composeFigure.js";
import { type NullBand, type Recovery, recoveryLegend, recoveryPanel, recoverySubtitle } from "./recoveryPanel.js";
import { seriesStyles } from "./seriesStyle.js";

/**
 * Recovery of every architecture in every setting as small multiples, a row for each setting: Figure 9 of arXiv 2602.14111.
 *
 * @param options.nullBand - see `nullBestCosine` of @sae/metrics
 * @param options.threshold - cosine above which a feature counts as recovered
 */
export function recoveryGrid({
  title = "Recovery of true features, all architectures",
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
  const settings = [...new Set(recoveries.map(({ setting }) => setting))];
  const rows = settings.map((setting) =>
    styles.entries.flatMap(([architecture, style]) =>
      recoveries
        .filter((recovery) => recovery.setting === setting && recovery.architecture === architecture)
        .map((recovery) => recoveryPanel(recovery, style, { threshold, nullBand, width: 250, height: 210 })),
    ),
  );
  return composeFigure({
    title,
    subtitle: recoverySubtitle(recoveries),
    description: rows
      .flat()
      .map((panel) => `${panel.title}: ${panel.detail}`)
      .join("; "),
    legend: recoveryLegend(threshold, nullBand),
    rows,
  });
}
