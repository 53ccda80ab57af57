import { escapeXml } from "../figures/escapeXml.js";
import { inSentence } from "../figures/inSentence.js";
import { formatNumber } from "./formatCell.js";
import { commandHtml, definitionsHtml, detailsHtml, inlineHtml, paragraphsHtml } from "./htmlText.js";
import type { ReportVerdict } from "./report.js";
import { plotSizes, type VerdictAxis, verdictAxis, verdictAxisPlot, verdictPlot } from "./verdictPlot.js";
import { differenceText, verdictLabels, verdictRule, verdictsByMetric, verdictTally } from "./verdictWords.js";

/** Beside other metrics, longer lists are one click away, behind the sentence that counts them. */
const longList = 8;

/** The verdicts, those of a metric below each other on one axis. */
export function verdictsHtml(verdicts: readonly ReportVerdict[], anchor: string, command: string | undefined): string {
  const groups = verdictsByMetric(verdicts);
  return [
    `<section aria-labelledby="${anchor}">`,
    `<h2 id="${anchor}">What the study found</h2>`,
    paragraphsHtml([`**${verdictTally(verdicts)}**`]),
    detailsHtml("How a verdict is reached", [...paragraphsHtml([verdictRule]).split("\n"), ...commandHtml(command)]),
    ...groups.map((group) => metricHtml(group, groups.length > 1)),
    "</section>",
  ].join("\n");
}

function metricHtml(verdicts: readonly ReportVerdict[], isOneOfSeveral: boolean): string {
  const [{ metric, definition, floor, smallestEffect, lessIsBetter }] = verdicts;
  const axis = verdictAxis(verdicts);
  const list = [
    `<ul class="verdicts">`,
    ...verdicts.map((verdict) => verdictHtml(verdict, axis.at)),
    "</ul>",
    `<div class="verdict axis-row">${verdictAxisPlot(axis, lessIsBetter)}</div>`,
  ].join("\n");
  const floorText = floor === null ? [] : [`${floor.label}: ${formatNumber(floor.value)}`];
  const facts = [
    ...floorText,
    `grey band: differences below ${smallestEffect}, of no interest`,
    ...(lessIsBetter ? ["less is better"] : []),
  ].join("; ");
  return [
    `<h3>${escapeXml(metric)}</h3>`,
    isOneOfSeveral ? paragraphsHtml([verdictTally(verdicts)]) : "",
    ...(isOneOfSeveral && verdicts.length > longList
      ? [
          `<div class="overview">${verdictPlot(verdicts, axis.at, plotSizes.overview)}${verdictAxisPlot(axis, lessIsBetter)}</div>`,
          detailsHtml(`All ${verdicts.length} comparisons`, [list]),
        ]
      : [list]),
    `<p class="note">${inlineHtml(`${facts.charAt(0).toUpperCase()}${facts.slice(1)}.`)}</p>`,
    detailsHtml("Definition", [definitionsHtml([[metric, definition]])]),
  ].join("\n");
}

function verdictHtml(verdict: ReportVerdict, at: VerdictAxis): string {
  const { value, ends } = differenceText(verdict);
  return (
    `<li class="verdict ${verdict.verdict}"><span class="scope">${escapeXml(verdict.scope)}</span> ` +
    `<strong class="badge">${verdictLabels[verdict.verdict]}</strong> ${verdictPlot([verdict], at, plotSizes.row)} ` +
    `<span class="difference">${value} <span class="ends">${ends}</span></span> ` +
    `<span class="opponent">against ${escapeXml(inSentence(verdict.opponent))}</span></li>`
  );
}
