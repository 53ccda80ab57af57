import { inSentence } from "../figures/inSentence.js";
import { formatInterval, formatNumber, intervalDigits } from "./formatCell.js";
import type { ReportVerdict } from "./report.js";

/** The opponent within a sentence, of several comparisons each of them. */
export const opponentText = ({ opponent }: ReportVerdict): string => opponent.split("; ").map(inSentence).join("; ");

const statements: Readonly<Record<ReportVerdict["verdict"], string>> = {
  beats: "beats the random baselines",
  "does-not": "does not",
  "cannot-tell": "cannot tell with this much data",
};

/** A verdict in words: "beats the random baselines, by less than the smallest effect". */
export const verdictText = ({ verdict, isSmall }: Pick<ReportVerdict, "verdict" | "isSmall">): string =>
  `${statements[verdict]}${isSmall ? ", by less than the smallest effect" : ""}`;

/** A verdict in a word or two, beside what was compared. */
export const verdictLabel = ({ verdict, isSmall }: Pick<ReportVerdict, "verdict" | "isSmall">): string =>
  ({ beats: isSmall ? "beats, by little" : "beats", "does-not": "does not beat", "cannot-tell": "cannot tell" })[
    verdict
  ];

/** The verdict of a metric in a sentence with its numbers. */
export function verdictSentence(verdict: ReportVerdict): string {
  const { value, ends } = differenceText(verdict);
  return `**${verdict.metric}: ${verdictText(verdict)}.** Trained minus the strongest random baseline ${value}${ends === "" ? ", without an interval" : ` ${ends}`}; the strongest: ${opponentText(verdict)}.${missingText(verdict)}`;
}

/** Which baselines a verdict leaves out; nothing when it leaves out none. */
export const missingText = ({ missing = [] }: ReportVerdict): string =>
  missing.length === 0 ? "" : ` Not compared, because jobs failed: ${missing.join("; ")}.`;

/** How verdicts are reached, for the report and the documentation. */
export const verdictRule =
  "The opponent is the strongest of the random baselines (frozen decoder, soft-frozen decoder, frozen encoder, each with its initialisations). It is known only after looking, so the low end of the interval comes from resamples on each of which the strongest is chosen anew, and the high end allows for the largest error among all that may be the strongest. **Beats**: the low end is above 0. **Does not**: the high end is below the smallest effect of interest. **Cannot tell**: neither, with this much data. Where less is better, the same with the signs turned. Overall: the mean difference over architectures and targets L0. Controls (random, PCA, shuffled decoder) stand beside and decide nothing.";

/**
 * All verdicts in a sentence.
 *
 * @param of what they are about, in the plural
 */
export function verdictTally(verdicts: readonly ReportVerdict[], of: "metrics" | "comparisons"): string {
  const count = (kind: ReportVerdict["verdict"]) => verdicts.filter(({ verdict }) => verdict === kind).length;
  const all = verdicts.length;
  const [beats, doesNot, unknown] = (["beats", "does-not", "cannot-tell"] as const).map(count);
  const everywhere = all === 1 ? "" : ` in all ${all} ${of}`;
  if (beats === all) return `Training beats the random baselines${everywhere}.`;
  if (doesNot === all) return `Training does not beat the random baselines${everywhere}.`;
  if (unknown === all)
    return `With this much data nobody can tell whether training beats the random baselines${everywhere}.`;
  const rest = [
    ...(doesNot > 0 ? [`does not in ${doesNot}`] : []),
    ...(unknown > 0 ? [`nobody can tell with this much data in ${unknown}`] : []),
  ];
  const wins = beats === 0 ? `none of ${all} ${of}` : `${beats} of ${all} ${of}`;
  return `Training beats the random baselines in ${wins}; ${rest.join("; ")}.`;
}

/** The difference with its sign, and the ends of its interval: `"+0.048"` and `"[0.047, 0.049]"`. */
export function differenceText({ difference }: ReportVerdict): { readonly value: string; readonly ends: string } {
  const digits = intervalDigits(difference);
  const value = formatNumber(difference.mean, digits);
  const { ends } = formatInterval(difference, digits);
  return { value: difference.mean > 0 && Number(value) > 0 ? `+${value}` : value, ends };
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
