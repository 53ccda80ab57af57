import { decimal } from "../figures/numberText.js";
import type { ReportVerdict } from "../report/report.js";

const texts: Readonly<Record<ReportVerdict["verdict"], string>> = {
  beats: "beats the random baselines",
  "does-not": "does not",
  "cannot-tell": "cannot tell with this much data",
};

/** A verdict in words: "beats the random baselines, by little". */
export const verdictText = ({ verdict, isSmall }: Pick<ReportVerdict, "verdict" | "isSmall">): string =>
  `${texts[verdict]}${isSmall ? ", by less than the smallest effect" : ""}`;

/** The overall verdict of a metric in a sentence with its numbers. */
export function verdictSentence({
  metric,
  verdict,
  isSmall,
  difference,
  opponent,
  missing = [],
}: ReportVerdict): string {
  const { mean, low, high } = difference;
  const signed = (value: number) => `${value < 0 ? "" : "+"}${decimal(value, 3)}`;
  const range = low === null || high === null ? ", without an interval" : ` [${signed(low)}, ${signed(high)}]`;
  const without = missing.length === 0 ? "" : ` Not compared, because jobs failed: ${missing.join("; ")}.`;
  return `**${metric}: ${verdictText({ verdict, ...(isSmall && { isSmall }) })}.** Trained minus the strongest random baseline ${signed(mean)}${range}; the strongest: ${opponent}.${without}`;
}

/** How verdicts are reached, for the report and the documentation. */
export const verdictRule =
  "The opponent is the strongest of the random baselines (frozen decoder, soft-frozen decoder, frozen encoder, each with its initialisations). It is known only after looking, so the low end of the interval comes from resamples on each of which the strongest is chosen anew, and the high end allows for the largest error among all that may be the strongest. **Beats**: the low end is above 0. **Does not**: the high end is below the smallest effect of interest. **Cannot tell**: neither, with this much data. Where less is better, the same with the signs turned. Overall: the mean difference over architectures and targets L0. Controls (random, PCA, shuffled decoder) stand beside and decide nothing.";
