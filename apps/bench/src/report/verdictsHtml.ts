import { escapeXml } from "../figures/escapeXml.js";
import { inSentence } from "../figures/inSentence.js";
import { formatNumber } from "./formatCell.js";
import { commandHtml, definitionsHtml, detailsHtml, inlineHtml, paragraphsHtml } from "./htmlText.js";
import type { ReportVerdict } from "./report.js";
import { plotSizes, type VerdictAxis, verdictAxis, verdictAxisPlot, verdictPlot } from "./verdictPlot.js";
import {
  differenceText,
  leftOutText,
  opponentText,
  scoresText,
  sizeText,
  unequalL0Text,
  verdictLabel,
  verdictRule,
  verdictsByMetric,
  verdictTally,
  verdictText,
} from "./verdictWords.js";

/** Longer lists are one click away, behind a plot of them. */
const longList = 6;

/** The verdicts: for each metric the overall one, then those it is made of, below each other on one axis. */
export function verdictsHtml(verdicts: readonly ReportVerdict[], anchor: string, command: string | undefined): string {
  const overall = verdicts.filter(({ isOverall }) => isOverall);
  const tally = overall.length > 0 ? verdictTally(overall, "metrics") : verdictTally(verdicts, "comparisons");
  return [
    `<section aria-labelledby="${anchor}">`,
    `<h2 id="${anchor}">What the study found</h2>`,
    paragraphsHtml([`**${tally}**`]),
    detailsHtml("How a verdict is reached", [paragraphsHtml([verdictRule]), ...commandHtml(command)]),
    ...verdictsByMetric(verdicts).map(metricHtml),
    "</section>",
  ].join("\n");
}

function metricHtml(verdicts: readonly ReportVerdict[]): string {
  const [{ metric, definition, floor, smallestEffect, lessIsBetter }] = verdicts;
  const axis = verdictAxis(verdicts);
  const overall = verdicts.filter(({ isOverall }) => isOverall);
  const each = verdicts.filter(({ isOverall }) => !isOverall);
  // Of a single comparison the overall verdict says the same.
  const parts = overall.length > 0 && each.length === 1 ? [] : each;
  const isLong = parts.length > longList;
  const listed = isLong ? overall : [...overall, ...parts];
  const facts = [
    ...overall.map((verdict) => `Means: trained ${scoresText(verdict)}`),
    ...(floor === null || overall.length > 0
      ? []
      : [`Floor: ${inSentence(floor.label)}, ${formatNumber(floor.value)}`]),
    `Grey band: differences below ${smallestEffect}, of no interest`,
    sizeText(verdicts),
    ...(lessIsBetter ? ["Less is better"] : []),
  ].join(". ");
  return [
    `<h3>${escapeXml(metric)}${overall.length === 1 ? `: ${verdictText(overall[0])}` : ""}</h3>`,
    listed.length === 0 ? "" : listHtml(listed, axis, lessIsBetter),
    ...(isLong
      ? [
          paragraphsHtml([verdictTally(parts, "comparisons")]),
          `<div class="overview">${verdictPlot(parts, axis.at, plotSizes.overview)}${verdictAxisPlot(axis, lessIsBetter)}</div>`,
          detailsHtml(`All ${parts.length} comparisons`, [listHtml(parts, axis, lessIsBetter)]),
        ]
      : []),
    `<p class="note">${inlineHtml(`${facts}.${overall.map(leftOutText).join("")}`)}</p>`,
    detailsHtml("Definition", [definitionsHtml([[metric, definition]])]),
  ].join("\n");
}

const listHtml = (verdicts: readonly ReportVerdict[], axis: ReturnType<typeof verdictAxis>, lessIsBetter: boolean) =>
  [
    `<ul class="verdicts">`,
    ...verdicts.map((verdict) => verdictHtml(verdict, axis.at)),
    "</ul>",
    `<div class="verdict axis-row">${verdictAxisPlot(axis, lessIsBetter)}</div>`,
  ].join("\n");

const opponentPart = (verdict: ReportVerdict): string =>
  [`against ${opponentText(verdict)}`, unequalL0Text(verdict)].filter((text) => text !== "").join(", ");

function verdictHtml(verdict: ReportVerdict, at: VerdictAxis): string {
  const { value, ends } = differenceText(verdict);
  return (
    `<li class="verdict ${verdict.verdict}"><span class="scope">${escapeXml(verdict.scope)}</span> ` +
    `<strong class="badge">${verdictLabel(verdict)}</strong> ${verdictPlot([verdict], at, plotSizes.row)} ` +
    `<span class="difference">${value} <span class="ends">${ends}</span></span> ` +
    `<span class="opponent">${escapeXml(opponentPart(verdict))}</span></li>`
  );
}
