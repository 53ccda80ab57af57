import type { ReportSection, ReportTable, ReportVerdict } from "../report/report.js";
import { verdictText } from "../report/verdictWords.js";

/**
 * What was compared, and the overall verdict of every metric as a table: what the report says first, for the terminal and for
 * whoever copies numbers.
 *
 * @param about what was trained on what, in a paragraph
 */
export function verdictSection(verdicts: readonly ReportVerdict[], about: string): ReportSection[] {
  const overall = verdicts.filter(({ isOverall }) => isOverall);
  if (overall.length === 0) return [];
  return [
    {
      heading: "What was compared",
      prose: [about],
      tables: [overallTable(overall)],
    },
  ];
}

const overallTable = (verdicts: readonly ReportVerdict[]): ReportTable => ({
  caption: "Fully trained minus the strongest random baseline, mean over architectures and targets",
  columns: [
    { label: "Metric" },
    { label: "Verdict" },
    { label: "Trained − baseline" },
    { label: "Smallest effect" },
    { label: "Better" },
    { label: "Floor" },
    { label: "Strongest baseline" },
  ],
  rows: verdicts.map((verdict) => [
    verdict.metric,
    verdictText(verdict),
    verdict.difference,
    verdict.smallestEffect,
    verdict.lessIsBetter ? "less" : "more",
    verdict.floor === null ? null : `${verdict.floor.label} ${Number(verdict.floor.value.toFixed(3))}`,
    verdict.opponent,
  ]),
  note: [...new Set(verdicts.map(({ scope }) => scope))].map((scope) => `Over ${scope}.`).join(" "),
});
