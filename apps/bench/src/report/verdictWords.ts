import { formatInterval, formatNumber, intervalDigits } from "./formatCell.js";
import type { ReportVerdict } from "./report.js";

/** A verdict beside what was compared. */
export const verdictLabels: Readonly<Record<ReportVerdict["verdict"], string>> = {
  beats: "beats",
  "does-not": "does not beat",
  "cannot-tell": "cannot tell",
};

/** How a verdict is reached, for readers of any report. */
export const verdictRule =
  "Trained minus the strongest random baseline, the one with the best mean of several. Training beats it when the whole interval lies beyond the smallest effect of interest, on the better side; it does not when no part of it does; otherwise, and without an interval, nobody can tell with this much data.";

/** All verdicts in a sentence. */
export function verdictTally(verdicts: readonly ReportVerdict[]): string {
  const count = (kind: ReportVerdict["verdict"]) => verdicts.filter(({ verdict }) => verdict === kind).length;
  const all = verdicts.length;
  const beats = count("beats");
  const doesNot = count("does-not");
  const unknown = count("cannot-tell");
  const of = all === 1 ? "" : ` in all ${all} comparisons`;
  if (beats === all) return `Training beats the random baselines${of}.`;
  if (doesNot === all) return `Training does not beat the random baselines${of}.`;
  if (unknown === all) return `With this much data nobody can tell whether training beats the random baselines${of}.`;
  const rest = [
    ...(doesNot > 0 ? [`does not in ${doesNot}`] : []),
    ...(unknown > 0 ? [`nobody can tell with this much data in ${unknown}`] : []),
  ];
  return `Training beats the random baselines in ${beats} of ${all} comparisons; ${rest.join("; ")}.`;
}

/** The difference with its sign, and the ends of its interval: `"+0.048"` and `"[0.047, 0.049]"`. */
export function differenceText({ difference }: ReportVerdict): { readonly value: string; readonly ends: string } {
  const digits = intervalDigits(difference);
  const value = formatNumber(difference.mean, digits);
  const { ends } = formatInterval(difference, digits);
  return { value: difference.mean > 0 && Number(value) !== 0 ? `+${value}` : value, ends };
}

/** The verdicts of each metric, in their order: those that share its definition, floor and smallest effect. */
export function verdictsByMetric(verdicts: readonly ReportVerdict[]): ReportVerdict[][] {
  const groups = new Map<string, ReportVerdict[]>();
  for (const verdict of verdicts) {
    const { metric, definition, smallestEffect, lessIsBetter, floor } = verdict;
    const name = JSON.stringify([metric, definition, smallestEffect, lessIsBetter, floor]);
    groups.set(name, [...(groups.get(name) ?? []), verdict]);
  }
  return [...groups.values()];
}
