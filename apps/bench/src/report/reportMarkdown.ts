import { failureText } from "./failures.js";
import { columnLabels, formatCell, formatNumber, isNumeric, tableNotes } from "./formatCell.js";
import type { Report, ReportFigure, ReportTable, ReportVerdict } from "./report.js";
import { differenceText, leftOutText, opponentText, sizeText, verdictTally, verdictText } from "./verdictWords.js";

/** A summary is to be read and pasted: longer tables stay in the report. */
const longTable = 30;

/** Text whose characters mean themselves. */
const literal = (text: string): string => text.replaceAll(/[\\|<*_`]/g, "\\$&");

/** A table in GitHub's Markdown, caption above and notes below. */
export function markdownTable(table: ReportTable): string {
  const notes = tableNotes(table);
  return [
    `**${table.caption}**`,
    "",
    rowOf(columnLabels(table)),
    rowOf(table.columns.map((_, i) => (isNumeric(table, i) ? "---:" : "---"))),
    ...table.rows.map((row) => rowOf(row.map((cell, i) => formatCell(cell, table.columns[i])))),
    ...(notes.length === 0 ? [] : ["", notes.join(" ")]),
  ].join("\n");
}

const rowOf = (cells: readonly string[]): string => `| ${cells.map(literal).join(" | ")} |`;

/**
 * A summary of a report in GitHub's Markdown, short enough to be pasted into an issue: verdicts, tables, links to the figures.
 *
 * @param figurePath - where the picture of a figure lies, relative to the Markdown file
 */
export function reportMarkdown(
  { title, summary = [], verdicts = [], sections, failed = [], command, provenance }: Report,
  figurePath: (figure: ReportFigure) => string = ({ id }) => `figures/${id}.svg`,
): string {
  let number = 0;
  const links = (figures: readonly ReportFigure[]) =>
    figures.map(
      (figure) =>
        `- [Figure ${++number}](${encodeURI(figurePath(figure))}): ${figure.caption.replaceAll(/[[\]]/g, "\\$&")}`,
    );
  const blocks = [
    `# ${literal(title)}`,
    ...summary,
    ...(failed.length === 0 ? [] : [`> ${failureText(failed)} They are listed below.`]),
    ...(verdicts.length === 0 ? [] : verdictBlocks(verdicts)),
    ...sections.flatMap(({ heading, prose = [], tables = [], figures = [], contexts = [] }) => {
      const listed = links(figures);
      number += contexts.length;
      return [
        `## ${literal(heading)}`,
        ...prose,
        ...tables.map((table) =>
          table.rows.length > longTable
            ? `**${table.caption}**: ${table.rows.length} rows, in the report and in \`results.json\`.`
            : markdownTable(table),
        ),
        ...(listed.length === 0 ? [] : [listed.join("\n")]),
      ];
    }),
    ...(failed.length === 0
      ? []
      : [
          "## Jobs without a result",
          failed.map(({ title: job, code, message }) => `- ${literal(job)}: ${code}: ${literal(message)}`).join("\n"),
        ]),
    "## Provenance",
    ...(command === undefined ? [] : [`\`\`\`sh\n${command}\n\`\`\``]),
    Object.entries(provenance)
      .map(([name, value]) => `- ${name}: \`${value}\``)
      .join("\n"),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The overall verdicts; where there are none, all. */
function verdictBlocks(verdicts: readonly ReportVerdict[]): string[] {
  const overall = verdicts.filter(({ isOverall }) => isOverall);
  const shown = overall.length > 0 ? overall : verdicts;
  const rows = shown.map((verdict) => {
    const { value, ends } = differenceText(verdict);
    return [
      verdict.metric,
      ...(overall.length > 0 ? [] : [verdict.scope]),
      verdictText(verdict),
      formatNumber(verdict.scores.trained, 3),
      `${value} ${ends}`.trim(),
      opponentText(verdict),
      verdict.floor === null ? "–" : `${verdict.floor.label} ${formatNumber(verdict.floor.value)}`,
    ];
  });
  const labels = [
    "Metric",
    "Scope",
    "Verdict",
    "Trained",
    "Trained − strongest baseline",
    "Strongest baseline",
    "Floor",
  ];
  const header = overall.length > 0 ? labels.filter((label) => label !== "Scope") : labels;
  const missing = [...new Set(shown.map((verdict) => leftOutText(verdict).trim()))].filter((text) => text !== "");
  return [
    "## What the study found",
    `**${verdictTally(shown, overall.length > 0 ? "metrics" : "comparisons")}**`,
    `${sizeText(shown)}.`,
    [rowOf(header), rowOf(header.map(() => "---")), ...rows.map(rowOf)].join("\n"),
    ...missing,
  ];
}
