import type { Figure } from "./figure.js";
import { type RecoveryFigure, recoveryFigure } from "./recoveryFigure.js";

/**
 * Best cosine of every true feature, against its activation probability or, where all probabilities are equal, sorted: the
 * second half of Figures 2 and 3 of arXiv 2602.14111, one panel for each SAE, two in a row.
 */
export function recoveryScatter({ title = "Which features were recovered", ...figure }: RecoveryFigure): Figure {
  const { recoveries } = figure;
  const rows = [];
  for (let i = 0; i < recoveries.length; i += 2) rows.push(recoveries.slice(i, i + 2));
  return recoveryFigure({ ...figure, title, rows, width: 380, height: 270 });
}
