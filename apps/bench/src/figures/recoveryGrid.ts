import type { Figure } from "./figure.js";
import { type RecoveryFigure, recoveryFigure } from "./recoveryFigure.js";

/** Recovery of every architecture in every setting as small multiples, a row for each setting: Figure 9 of arXiv 2602.14111. */
export function recoveryGrid({
  title = "Recovery of true features, all architectures",
  ...figure
}: RecoveryFigure): Figure {
  const { recoveries } = figure;
  const settings = [...new Set(recoveries.map(({ setting }) => setting))];
  const architectures = [...new Set(recoveries.map(({ architecture }) => architecture))];
  const rows = settings.map((setting) =>
    architectures.flatMap((architecture) =>
      recoveries.filter((recovery) => recovery.setting === setting && recovery.architecture === architecture),
    ),
  );
  return recoveryFigure({ ...figure, title, rows, width: 196, height: 190 });
}
