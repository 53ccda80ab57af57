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

/** Whether training scores no better than chance, or than doing nothing. */
export const isAtFloor = ({ floor, scores, lessIsBetter }: ReportVerdict): boolean =>
  floor !== null && (lessIsBetter ? scores.trained >= floor.value : scores.trained <= floor.value);

/** A verdict in words: "beats the random baselines, by less than the smallest effect, and scores no better than no edit". */
export const verdictText = (verdict: ReportVerdict): string =>
  [
    statements[verdict.verdict],
    ...(verdict.isSmall ? ["by less than the smallest effect"] : []),
    ...(isAtFloor(verdict) ? [`and scores no better than ${verdict.floor?.label}`] : []),
  ].join(", ");

/** A verdict in a word or two, beside what was compared. */
export const verdictLabel = ({ verdict, isSmall }: Pick<ReportVerdict, "verdict" | "isSmall">): string =>
  ({ beats: isSmall ? "beats, by little" : "beats", "does-not": "does not beat", "cannot-tell": "cannot tell" })[
    verdict
  ];

/** The verdict of a metric in a sentence with its numbers. */
export function verdictSentence(verdict: ReportVerdict): string {
  const { value, ends } = differenceText(verdict);
  return `**${verdict.metric}: ${verdictText(verdict)}.** Trained ${scoresText(verdict)}; trained minus the strongest random baseline ${value}${ends === "" ? ", without an interval" : ` ${ends}`}; the strongest: ${opponentText(verdict)}.${leftOutText(verdict)}`;
}

/** "0.374, strongest baseline 0.355; no edit 0.500": what stands behind a difference. */
export const scoresText = ({ scores: { trained, opponent }, floor }: ReportVerdict): string =>
  `${formatNumber(trained, 3)}, strongest baseline ${formatNumber(opponent, 3)}${floor === null ? "" : `; ${floor.label} ${formatNumber(floor.value, 3)}`}`;

/** Which baselines and seeds a verdict leaves out; nothing when it leaves out none. */
export const leftOutText = ({ missing = [], lostSeeds = [] }: ReportVerdict): string =>
  [
    ...(missing.length === 0 ? [] : [` Not compared: ${missing.join("; ")}.`]),
    ...(lostSeeds.length === 0
      ? []
      : [
          ` Left out of every score here, because not everybody has a score: seed${lostSeeds.length === 1 ? "" : "s"} ${lostSeeds.join(", ")}.`,
        ]),
  ].join("");

/** Targets are met within so much; more is said. */
const usualDistance = 0.05;

/** "L0 28.5 against 34.9", where training and its opponent do not keep as many latents active; nothing where they do. */
export function unequalL0Text({ reachedL0 }: ReportVerdict): string {
  if (reachedL0 === undefined) return "";
  const { trained, opponent } = reachedL0;
  if (Math.abs(trained - opponent) <= usualDistance * Math.max(trained, opponent)) return "";
  return `at unequal L0: ${formatNumber(trained, 1)} against ${formatNumber(opponent, 1)}`;
}

/** How verdicts are reached, for the report and the documentation. */
export const verdictRule =
  "The opponent is the strongest of the random baselines (frozen decoder, soft-frozen decoder, frozen encoder, each with its initialisations). It is known only after looking, so the low end of the interval comes from resamples on each of which the strongest is chosen anew, and the high end allows for the largest error among all that may be the strongest. **Beats**: the low end is above 0. **Does not**: the high end is below the smallest effect of interest. **Cannot tell**: neither, with this much data. Where less is better, the same with the signs turned. Overall: the mean difference over architectures and targets L0. Controls (random, PCA, shuffled decoder) stand beside and decide nothing. To beat random baselines is not to be good: where training scores no better than the floor (chance, or doing nothing), the verdict says so.";

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
  const atFloor = verdicts.filter((verdict) => verdict.verdict === "beats" && isAtFloor(verdict)).length;
  if (beats === all && atFloor === all)
    return `Training beats the random baselines${everywhere}, but scores no better than the floor.`;
  if (beats === all && atFloor === 0) return `Training beats the random baselines${everywhere}.`;
  if (doesNot === all) return `Training does not beat the random baselines${everywhere}.`;
  if (unknown === all)
    return `With this much data nobody can tell whether training beats the random baselines${everywhere}.`;
  const rest = [
    ...(atFloor > 0 ? [`in ${atFloor} of these it scores no better than the floor`] : []),
    ...(doesNot > 0 ? [`does not in ${doesNot}`] : []),
    ...(unknown > 0 ? [`nobody can tell with this much data in ${unknown}`] : []),
  ];
  const wins = beats === all ? `all ${all} ${of}` : `${beats === 0 ? "none" : beats} of ${all} ${of}`;
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

/** "3 seeds, with 20 to 24 units behind a score": what comparisons rest on. */
export function sizeText(verdicts: readonly ReportVerdict[]): string {
  const range = (values: readonly number[], of: string) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return `${least === most ? least : `${least} to ${most}`} ${of}${most === 1 ? "" : "s"}`;
  };
  const seeds = range(
    verdicts.map((verdict) => verdict.seeds),
    "seed",
  );
  return `${seeds}, ${range(
    verdicts.map((verdict) => verdict.units),
    "unit",
  )} behind a score`;
}
