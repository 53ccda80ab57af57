import { barFloorDash, barPanel } from "./barPanel.js";
import type { Figure } from "./figure.js";
import { type ScoreFigure, scoreFigure } from "./scoreFigure.js";

/**
 * A metric of the trained SAE beside every baseline, with intervals: a panel for each architecture and target L0 (one panel of
 * Figures 1 and 10 of arXiv 2602.14111, for any metric). A bar ends in its mean, printed above it.
 */
export function baselineBars(figure: ScoreFigure): Figure {
  const title = figure.title ?? `${figure.metric.label}: trained against random baselines`;
  return scoreFigure({
    ...figure,
    title,
    kind: "bar",
    floorDash: barFloorDash,
    perTarget: true,
    panel: barPanel,
  });
}
