import { escapeXml } from "../figures/escapeXml.js";
import type { FigurePanel, LegendEntry } from "../figures/figure.js";
import { keyWidth, legendKey } from "../figures/legendKey.js";
import { dataUri, toCsv, toJson } from "./figureData.js";
import { commandHtml, definitionsHtml, detailsHtml, inlineHtml, scrollHtml } from "./htmlText.js";
import type { ReportFigure } from "./report.js";

/** A figure's number in the report, and the first figure that has the same data. */
export interface FigurePlace {
  readonly number: number;
  readonly sameDataAs: { readonly id: string; readonly number: number } | null;
  /** What made it. */
  readonly command: string | undefined;
}

/** A figure whose panels flow to the width there is, with its data, its numbers in words, definition and command. */
export function figureHtml(figure: ReportFigure, { number, sameDataAs, command }: FigurePlace): string {
  const { id, caption, drawing, data, definition } = figure;
  const { title, subtitle, legend = [], rows, notes = [], description } = drawing;
  const panels = rows.map((row) => `<div class="row">${row.map(panelHtml).join("\n")}</div>`).join("\n");
  return [
    `<figure id="${escapeXml(id)}">`,
    `<p class="title">${escapeXml(title)}</p>`,
    subtitle === undefined ? "" : `<p class="subtitle">${escapeXml(subtitle)}</p>`,
    legend.length === 0 ? "" : `<ul class="legend">${legend.map(legendHtml).join("\n")}</ul>`,
    scrollHtml(
      `Figure ${number}`,
      `\n<div class="panels" role="img" aria-label="${escapeXml(`${title}. In words below.`)}">\n${panels}\n</div>`,
    ),
    ...notes.map((note) => `<p class="note">${escapeXml(note)}</p>`),
    `<figcaption><p>Figure ${number}. ${inlineHtml(caption)} <span class="downloads">${downloads(id, data, sameDataAs)}</span></p>`,
    detailsHtml(
      "In words",
      [`<ul>${description.map((line) => `<li>${escapeXml(line)}</li>`).join("\n")}</ul>`],
      "words",
    ),
    detailsHtml(definition === undefined ? "Command" : "Definition and command", [
      ...(definition === undefined ? [] : [definitionsHtml([["Definition", definition]])]),
      ...commandHtml(command),
    ]),
    "</figcaption>",
    "</figure>",
  ].join("\n");
}

function downloads(id: string, data: ReportFigure["data"], sameDataAs: FigurePlace["sameDataAs"]): string {
  if (sameDataAs !== null) {
    return `Data: that of <a href="#${escapeXml(sameDataAs.id)}">figure ${sameDataAs.number}</a>`;
  }
  const link = (extension: string, uri: string) =>
    `<a download="${escapeXml(id)}.${extension}" href="${uri}">${extension.toUpperCase()}</a>`;
  return `Data: ${link("csv", dataUri("text/csv", toCsv(data)))}, ${link("json", dataUri("application/json", toJson(data)))}`;
}

function panelHtml({ title, detail, svg, width }: FigurePanel): string {
  return (
    `<div class="panel ${panelClass(width)}">` +
    `${title === undefined ? "" : `<p class="panel-title">${escapeXml(title)}</p>`}` +
    `${detail === undefined ? "" : `<p class="detail">${escapeXml(detail)}</p>`}${svg}</div>`
  );
}

const panelClass = (width: number): string => `w${Math.round(width)}`;

/** Style rules for the widths of panels. Below four fifths of their size texts are too small: then the figure scrolls. */
export const panelRules = (figures: readonly ReportFigure[]): string =>
  [...new Set(figures.flatMap(({ drawing }) => drawing.rows.flat().map(({ width }) => Math.round(width))))]
    .sort((a, b) => a - b)
    .map((width) => {
      const name = panelClass(width);
      return `.${name} { width: ${width}px; } .${name} > svg { min-width: ${Math.round(0.8 * width)}px; }`;
    })
    .join("\n");

const legendHtml = (entry: LegendEntry): string =>
  `<li><svg width="${keyWidth}" height="14" aria-hidden="true">${legendKey(entry, 0, 7)}</svg>${escapeXml(entry.label)}</li>`;
