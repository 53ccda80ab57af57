import { composeFigure } from "../figures/composeFigure.js";
import { escapeXml } from "../figures/escapeXml.js";
import { dataUri, toCsv } from "./figureData.js";
import { formatCell, intervalNote, isNumeric } from "./formatCell.js";
import type { Report, ReportFigure, ReportSection, ReportTable } from "./report.js";
import { reportStyle } from "./reportStyle.js";

/**
 * A report as one HTML file that needs nothing else: styles and figures are inline, figure data hang on data: links, and the
 * page's own policy forbids any request.
 */
export function renderReport({ title, summary = [], sections, provenance }: Report): string {
  const anchors = uniqueAnchors(sections.map(({ heading }) => heading));
  let figures = 0;
  const body = sections.map((section, i) => renderSection(section, anchors[i], () => ++figures));
  const contents = sections.map(({ heading }, i) => `<li><a href="#${anchors[i]}">${escapeXml(heading)}</a></li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${escapeXml(title)}</h1>
${paragraphs(summary)}
</header>
${sections.length === 0 ? "" : `<nav aria-label="Contents"><ul>\n${contents.join("\n")}\n</ul></nav>`}
<main>
${body.join("\n")}
</main>
<footer>
<h2>Provenance</h2>
<dl>
${Object.entries(provenance)
  .map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd><code>${escapeXml(`${value}`)}</code></dd>`)
  .join("\n")}
</dl>
</footer>
</body>
</html>
`;
}

function renderSection(
  { heading, prose = [], tables = [], figures = [] }: ReportSection,
  anchor: string,
  nextFigure: () => number,
): string {
  return [
    `<section aria-labelledby="${anchor}">`,
    `<h2 id="${anchor}">${escapeXml(heading)}</h2>`,
    paragraphs(prose),
    ...tables.map(renderTable),
    ...figures.map((figure) => renderFigure(figure, nextFigure())),
    "</section>",
  ].join("\n");
}

function renderTable(table: ReportTable): string {
  const numeric = table.columns.map((_, i) => (isNumeric(table, i) ? ' class="number"' : ""));
  const header = table.columns.map(({ label }, i) => `<th scope="col"${numeric[i]}>${escapeXml(label)}</th>`);
  const rows = table.rows.map((row) => {
    const cells = row.map((cell, i) => {
      const text = escapeXml(formatCell(cell, table.columns[i]));
      return i === 0 ? `<th scope="row"${numeric[i]}>${text}</th>` : `<td${numeric[i]}>${text}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const notes = [intervalNote(table), table.note].filter((note) => note !== undefined);
  return [
    // Focusable, so that a wide table can be scrolled from the keyboard.
    `<div class="table"><div class="scroll" role="region" tabindex="0" aria-label="${escapeXml(table.caption)}">`,
    `<table><caption>${inline(table.caption)}</caption>`,
    `<thead><tr>${header.join("")}</tr></thead>`,
    `<tbody>${rows.join("\n")}</tbody></table></div>`,
    notes.length === 0 ? "" : `<p class="note">${inline(notes.join(" "))}</p>`,
    "</div>",
  ].join("\n");
}

function renderFigure({ id, caption, drawing, data }: ReportFigure, number: number): string {
  const svg = composeFigure(drawing);
  // Inside HTML the namespace is implied; without it no address at all stands in the page.
  const inlined = svg
    .replaceAll(/ xmlns(:\w+)?="[^"]*"/g, "")
    .replace(/^<svg /, `<svg style="min-width: ${leastWidth(svg)}px" `);
  const download = (extension: string, uri: string) =>
    `<a download="${escapeXml(id)}.${extension}" href="${uri}">${extension.toUpperCase()}</a>`;
  return [
    `<figure id="${escapeXml(id)}">`,
    `<div class="scroll" role="region" tabindex="0" aria-label="Figure ${number}">${inlined}</div>`,
    `<figcaption>Figure ${number}. ${inline(caption)}`,
    `<span class="downloads">Data: ${download("csv", dataUri("text/csv", toCsv(data)))}, ` +
      `${download("json", dataUri("application/json", JSON.stringify(data)))}</span>`,
    "</figcaption>",
    "</figure>",
  ].join("\n");
}

/** Width below which a figure's text would become too small: then it scrolls. */
const leastWidth = (svg: string): number => Math.round(0.75 * Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? 0));

const paragraphs = (prose: readonly string[]): string => prose.map((text) => `<p>${inline(text)}</p>`).join("\n");

/** Text with its two kinds of mark-up. */
const inline = (text: string): string =>
  escapeXml(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");

/** A name for each heading that is valid in an address, no two alike. */
function uniqueAnchors(headings: readonly string[]): string[] {
  const taken = new Set<string>();
  return headings.map((heading) => {
    const base = `section-${heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")}`;
    let anchor = base;
    for (let i = 2; taken.has(anchor); i++) anchor = `${base}-${i}`;
    taken.add(anchor);
    return anchor;
  });
}
