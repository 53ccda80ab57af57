import { formatCell, intervalNote, isNumeric } from "./formatCell.js";
import type { Report, ReportFigure, ReportTable } from "./report.js";

/** Text whose characters mean themselves. */
const literal = (text: string): string => text.replaceAll(/[\\|<*_`]/g, "\\$&");

/** A table in GitHub's Markdown, caption above and notes below. */
export function markdownTable(table: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(literal).join(" | ")} |`;
  const notes = [intervalNote(table), table.note].filter((note) => note !== undefined);
  return [
    `**${table.caption}**`,
    "",
    line(table.columns.map(({ label }) => label)),
    line(table.columns.map((_, i) => (isNumeric(table, i) ? "---:" : "---"))),
    ...table.rows.map((row) => line(row.map((cell, i) => formatCell(cell, table.columns[i])))),
    ...(notes.length === 0 ? [] : ["", notes.join(" ")]),
  ].join("\n");
}

/**
 * A report in GitHub's Markdown.
 *
 * @param figurePath - where the picture of a figure lies, relative to the Markdown file
 */
export function reportMarkdown(
  { title, summary = [], sections, provenance }: Report,
  figurePath: (figure: ReportFigure) => string = ({ id }) => `figures/${id}.svg`,
): string {
  const blocks = [
    `# ${literal(title)}`,
    ...summary,
    ...sections.flatMap(({ heading, prose = [], tables = [], figures = [] }) => [
      `## ${literal(heading)}`,
      ...prose,
      ...tables.map(markdownTable),
      ...figures.map((figure) => `![${figure.caption.replaceAll(/[[\]]/g, "\\$&")}](${encodeURI(figurePath(figure))})`),
    ]),
    "## Provenance",
    Object.entries(provenance)
      .map(([name, value]) => `- ${name}: \`${value}\``)
      .join("\n"),
  ];
  return `${blocks.join("\n\n")}\n`;
}
