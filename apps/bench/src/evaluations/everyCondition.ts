import { findVariant } from "../jobs/findByName.js";
import type { ReportCell, ReportColumn, ReportTable } from "../report/report.js";
import type { BaselinesPlan, BaselinesRun } from "../studies/baselinesPlan.js";
import { type ConditionGroup, conditionGroups } from "../studies/comparisonGroups.js";

/** A table with a row for every architecture in every condition at every target. */
export interface EveryCondition<Found> {
  readonly caption: string;
  readonly note: string;
  /** Name of the column of architectures where other features stand in it, too. */
  readonly features?: string;
  /** What is known of a run: nothing, or what its seed adds to the row. */
  readonly found: (run: BaselinesRun) => Found | readonly Found[];
  /** The numbers, and what each is of at least one seed. */
  readonly columns: readonly (ReportColumn & {
    readonly cell: (found: readonly Found[], group: ConditionGroup) => ReportCell;
  })[];
  /** Rows above, complete. */
  readonly above?: readonly (readonly ReportCell[])[];
}

/** What was measured of every condition, a row for all seeds of one; empty cells where there is no result. */
export function everyCondition<Found>(
  plan: BaselinesPlan,
  { caption, note, features = "Architecture", found, columns, above = [] }: EveryCondition<Found>,
): ReportTable {
  const rows = conditionGroups(plan).map((group): ReportCell[] => {
    const own = group.runs.flatMap(found);
    return [
      group.l0,
      findVariant(group.variant).title,
      group.condition.title,
      ...columns.map(({ cell }) => (own.length === 0 ? null : cell(own, group))),
    ];
  });
  return {
    caption,
    columns: [
      { label: "L0 target" },
      { label: features },
      { label: "Condition" },
      ...columns.map(({ cell: _, ...column }) => column),
    ],
    rows: [...above, ...rows],
    note,
  };
}

/** A column of means over seeds. */
export const meanColumn = <Found>(
  label: string,
  digits: number,
  of: (found: Found) => number,
  definition?: string,
): EveryCondition<Found>["columns"][number] => ({
  label,
  digits,
  ...(definition !== undefined && { definition }),
  cell: (found) => found.reduce((sum, one) => sum + of(one), 0) / found.length,
});
