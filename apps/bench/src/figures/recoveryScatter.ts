import type { Figure } from "./figure.js";
import { type RecoveryFigure, recoveryFigure } from "./recoveryFigure.js";

/**
 * Best cosine of every true feature, against its activation probability or, where all probabilities are equal, sorted: the
 * second half of Figures 2 and 3 of arXiv 2602.14111, one panel for each SAE.
 */
export function recoveryScatter({ title = "Which features were recovered", ...figure }: RecoveryFigure): Figure {
  return recoveryFigure({ ...figure, title, rows: [figure.recoveries], width: 380, height: 270 });
}
