import { baselineBars } from "../figures/baselineBars.js";
import { scoreByL0 } from "../figures/scoreByL0.js";
import type { ScorePoint } from "../figures/scorePoint.js";
import { findVariant } from "../jobs/findByName.js";
import type { FigureRecord, ReportCell, ReportFigure, ReportTable } from "../report/report.js";
import { verdictText } from "../report/verdictWords.js";
import type { ScoredGroup } from "./comparisonGroups.js";
import type { Duel, Judged } from "./contests.js";
import { aboveFloor, type Measured, metricOf, shareOfRange } from "./measured.js";

/** What a trained SAE has over the strongest baseline and the strongest control, for every architecture and target. */
export function differenceTable({ measure, cells }: Judged): ReportTable {
  const { digits, label, definition, lessIsBetter, smallestEffect } = measure;
  const against = (duel: Duel | null): ReportCell[] =>
    duel ? [duel.opponent.condition.title, duel.opponent.estimate, duel.difference] : [null, null, null];
  const rows = cells.map(({ l0, variant, trained, baseline, control, verdict }): ReportCell[] => [
    l0,
    findVariant(variant).title,
    trained?.estimate ?? null,
    ...against(baseline),
    verdict && verdictText(verdict),
    ...against(control),
  ]);
  return {
    caption: `${label}: fully trained minus the strongest random baseline`,
    columns: [
      { label: "L0" },
      { label: "Architecture" },
      { label: "Trained", digits },
      { label: "Strongest baseline" },
      { label: "Its score", digits },
      { label: "Trained − baseline", digits },
      { label: "Verdict" },
      { label: "Strongest control" },
      { label: "Its score", digits },
      { label: "Trained − control", digits },
    ],
    rows,
    note: `${definition}. ${lessIsBetter ? "Less is better. " : ""}${
      measure.isControl ? "A control of the evaluation itself: no verdict is about it. " : ""
    }Smallest effect of interest: ${smallestEffect}.`,
  };
}

/** Every score with its floor. */
export function scoreTable(measured: Measured): ReportTable {
  const { measure, floor, groups } = measured;
  const { digits, label, ceiling = 1, lessIsBetter } = measure;
  const rows = groups.map(({ l0, variant, condition, estimate }): ReportCell[] => {
    const head = [l0, findVariant(variant).title, condition.title, estimate];
    if (estimate === null) return [...head, null, null];
    const share = shareOfRange(measured, estimate.mean);
    return [...head, aboveFloor(measured, estimate.mean), share === null ? null : 100 * share];
  });
  const best = ceiling === null ? "" : ` The best possible is ${ceiling}.`;
  return {
    caption: `${label} of every SAE${floor === null ? "" : `; ${floor.label} scores ${floor.value.toFixed(digits)}`}`,
    columns: [
      { label: "L0" },
      { label: "Architecture" },
      { label: "Condition" },
      { label: label, digits },
      { label: lessIsBetter ? "Below floor" : "Above floor", digits },
      { label: "Share of range, %", digits: 1 },
    ],
    rows,
    note:
      floor === null
        ? `There is no floor.${best}`
        : `Floor: ${floor.label}, ${floor.value.toFixed(digits)}.${best} Share of range: 0 at the floor, 100 at the best possible.`,
  };
}

/** Scores as points of a figure. */
export const pointsOf = (groups: readonly ScoredGroup[]): ScorePoint[] =>
  groups.flatMap(({ variant, condition, l0, estimate }) =>
    estimate === null ? [] : [{ architecture: variant, condition: condition.id, l0, score: estimate }],
  );

/** The data of a figure of scores. */
export const recordsOf = (points: readonly ScorePoint[]): FigureRecord[] =>
  points.map(({ architecture, condition, l0, score: { mean, low, high } }) => ({
    architecture,
    condition,
    l0,
    score: mean,
    low,
    high,
  }));

const ofThePaper = (figure: string | undefined): string => (figure === undefined ? "" : ` (${figure} of the paper)`);

/** Bars for every condition, and, where there are several targets, the lines against L0. */
export function comparisonFigures(measured: Measured): ReportFigure[] {
  const { id, figures = {} } = measured.measure;
  const metric = metricOf(measured);
  const points = pointsOf(measured.groups);
  const data = recordsOf(points);
  const bars: ReportFigure = {
    id: `${id}-bars`,
    caption: `${metric.label} of the trained SAE beside every baseline${ofThePaper(figures.bars)}.`,
    drawing: baselineBars({ metric, points }),
    data,
  };
  if (new Set(points.map(({ l0 }) => l0)).size < 2) return [bars];
  const lines: ReportFigure = {
    id: `${id}-by-l0`,
    caption: `${metric.label} against sparsity${ofThePaper(figures.byL0)}.`,
    drawing: scoreByL0({ metric, points }),
    data,
  };
  return [bars, lines];
}
