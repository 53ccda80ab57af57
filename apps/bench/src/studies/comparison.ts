import { baselineBars } from "../figures/baselineBars.js";
import { scoreByL0 } from "../figures/scoreByL0.js";
import type { ScorePoint } from "../figures/scorePoint.js";
import { findVariant } from "../jobs/findByName.js";
import type { FigureRecord, ReportCell, ReportFigure, ReportTable } from "../report/report.js";
import { verdictText } from "../report/verdictWords.js";
import type { ScoredGroup } from "./comparisonGroups.js";
import { type Duel, isJudged, type Judged } from "./contests.js";
import { aboveFloor, type Measured, metricOf, shareOfRange } from "./measured.js";

/** What a trained SAE has over the strongest baseline and the strongest control, for every architecture and target. */
export function differenceTable({ measure, cells }: Judged): ReportTable {
  const { digits, label, definition, lessIsBetter, smallestEffect } = measure;
  const against = (duel: Duel | null): ReportCell[] =>
    duel
      ? [duel.opponent.condition.title, duel.opponent.reachedL0, duel.opponent.estimate, duel.difference]
      : [null, null, null, null];
  const rows = cells.map(({ l0, variant, trained, baseline, control, verdict }): ReportCell[] => [
    l0,
    findVariant(variant).title,
    trained?.reachedL0 ?? null,
    trained?.estimate ?? null,
    ...against(baseline),
    ...(isJudged(measure) ? [verdict && verdictText(verdict)] : []),
    ...against(control),
  ]);
  return {
    caption: `${label}: fully trained minus the strongest random baseline`,
    columns: [
      { label: "L0 target" },
      { label: "Architecture" },
      reachedColumn("L0"),
      { label: "Trained", digits, definition: sentence(definition) },
      { label: "Strongest baseline" },
      reachedColumn("Its L0"),
      { label: "Its score", digits },
      { label: "Trained − baseline", digits },
      ...(isJudged(measure) ? [{ label: "Verdict" }] : []),
      { label: "Strongest control" },
      reachedColumn("Its L0"),
      { label: "Its score", digits },
      { label: "Trained − control", digits },
    ],
    rows,
    note: `${sentence(definition)} ${lessIsBetter ? "Less is better. " : ""}${standingOf(measure)}Smallest effect of interest: ${smallestEffect}.`,
  };
}

/** Where no verdict is about a measure: why. */
function standingOf({ isControl = false, partOf }: Measured["measure"]): string {
  if (isControl) return "A control of the evaluation itself: no verdict is about it. ";
  return partOf === undefined ? "" : `Part of ${partOf}, or the same in other units: the verdict is about that. `;
}

const reachedColumn = (label: string) => ({
  label,
  digits: 1,
  definition: "Active latents of an activation under the rule for use: what the target came to, mean over seeds.",
});

/** A definition as a sentence of its own. */
const sentence = (definition: string): string => `${definition[0].toUpperCase()}${definition.slice(1)}.`;

/** Every score with its floor, then what scores without an SAE. */
export function scoreTable(measured: Measured): ReportTable {
  const { measure, floor, groups, references } = measured;
  const { digits, label, definition, ceiling = 1, lessIsBetter } = measure;
  const overFloor = (score: number | undefined): ReportCell[] => {
    if (score === undefined) return [null, null];
    const share = shareOfRange(measured, score);
    return [aboveFloor(measured, score), share === null ? null : 100 * share];
  };
  const rows = [
    ...groups.map(({ l0, variant, condition, reachedL0, estimate }): ReportCell[] => [
      l0,
      findVariant(variant).title,
      condition.title,
      reachedL0,
      estimate,
      ...overFloor(estimate?.mean),
    ]),
    ...references.map((reference): ReportCell[] => [
      null,
      "No SAE",
      reference.label,
      null,
      reference.value,
      ...overFloor(reference.value),
    ]),
  ];
  const best = ceiling === null ? "" : ` The best possible is ${ceiling}.`;
  return {
    caption: `${label} of every SAE${floor === null ? "" : `; ${floor.label} scores ${floor.value.toFixed(digits)}`}`,
    columns: [
      { label: "L0 target" },
      { label: "Architecture" },
      { label: "Condition" },
      reachedColumn("L0"),
      { label: label, digits, definition: sentence(definition) },
      { label: lessIsBetter ? "Below floor" : "Above floor", digits },
      { label: "Share of range, %", digits: 1 },
    ],
    rows,
    note:
      floor === null
        ? `There is no floor, or it is not known.${best}`
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
  const { id, definition, figures = {} } = measured.measure;
  const metric = metricOf(measured);
  const points = pointsOf(measured.groups);
  const data = recordsOf(points);
  const bars: ReportFigure = {
    id: `${id}-bars`,
    caption: `${metric.label} of the trained SAE beside every baseline${ofThePaper(figures.bars)}.`,
    drawing: baselineBars({ metric, points }),
    data,
    definition: sentence(definition),
  };
  if (new Set(points.map(({ l0 }) => l0)).size < 2) return [bars];
  const lines: ReportFigure = {
    id: `${id}-by-l0`,
    caption: `${metric.label} against sparsity${ofThePaper(figures.byL0)}.`,
    drawing: scoreByL0({ metric, points }),
    data,
    definition: `${sentence(definition)} Horizontally the target L0; the tables have what each SAE reached.`,
  };
  return [bars, lines];
}
