import { escapeXml } from "../figures/escapeXml.js";
import { columnLabels, formatCell, formatInterval, isNumeric, tableNotes } from "./formatCell.js";
import { commandHtml, definitionsHtml, detailsHtml, inlineHtml, scrollHtml } from "./htmlText.js";
import type { ReportCell, ReportColumn, ReportTable } from "./report.js";

/** Longer tables are one click away. */
const longTable = 40;

/**
 * A table whose rows are grouped under what they have in common: as many leading columns as tell the rows apart name a row,
 * and all of them but the last are headings of groups. A narrow screen has room for one of them only.
 *
 * @param command what made it
 */
export function tableHtml(table: ReportTable, command: string | undefined): string {
  const { caption, columns, rows } = table;
  const isLong = rows.length > longTable;
  const content = scrollHtml(
    caption,
    `<table><caption${isLong ? ' class="unseen"' : ""}>${inlineHtml(caption)}</caption>\n${bodyHtml(table)}</table>`,
  );
  const notes = tableNotes(table);
  const defined = columns.flatMap(({ label, definition }): [string, string][] =>
    definition === undefined ? [] : [[label, definition]],
  );
  return [
    `<div class="table">`,
    isLong ? detailsHtml(`${plain(caption)} (${rows.length} rows)`, [content]) : content,
    notes.length === 0 ? "" : `<p class="note">${inlineHtml(notes.join(" "))}</p>`,
    detailsHtml(defined.length > 0 ? "Definitions and command" : "Command", [
      ...(defined.length > 0 ? [definitionsHtml(defined)] : []),
      ...commandHtml(command),
    ]),
    "</div>",
  ].join("\n");
}

function bodyHtml(table: ReportTable): string {
  const { columns, rows } = table;
  const labels = columnLabels(table);
  const classes = columns.map(({ quotedFrom }, i) => {
    const names = [isNumeric(table, i) ? "number" : "", quotedFrom === undefined ? "" : "quoted"].filter(Boolean);
    return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
  });
  const naming = namingColumns(table);
  const header = columns.slice(naming - 1).map(({ quotedFrom }, i) => {
    const source = quotedFrom === undefined ? "" : `<span class="source">${escapeXml(quotedFrom)}</span>`;
    return `<th scope="col"${classes[naming - 1 + i]}>${escapeXml(labels[naming - 1 + i])}${source}</th>`;
  });
  const groups: { name: string; rows: string[] }[] = [];
  rows.forEach((row, index) => {
    const name = row
      .slice(0, naming - 1)
      .map((cell, i) => (typeof cell === "number" ? `${labels[i]} ${formatCell(cell, columns[i])}` : formatCell(cell)))
      .join(", ");
    const cells = row.slice(naming - 1).map((cell, i) => {
      const at = naming - 1 + i;
      const text = cellHtml(cell, columns[at]);
      return i === 0 ? `<th scope="row"${classes[at]}>${text}</th>` : `<td${classes[at]}>${text}</td>`;
    });
    if (groups.at(-1)?.name !== name) groups.push({ name, rows: [] });
    const isQuoted = index >= rows.length - (table.quotedRows ?? 0);
    groups.at(-1)?.rows.push(`<tr${isQuoted ? ' class="quoted"' : ""}>${cells.join("")}</tr>`);
  });
  const heading = (name: string) =>
    naming === 1
      ? ""
      : `<tr class="group"><th scope="rowgroup" colspan="${header.length}"><span>${escapeXml(name)}</span></th></tr>\n`;
  const bodies = groups.map((group) => `<tbody>${heading(group.name)}${group.rows.join("\n")}</tbody>`);
  return [`<thead><tr>${header.join("")}</tr></thead>`, ...bodies].join("\n");
}

/** How many leading columns it takes to tell the rows apart; 1 where none do. */
function namingColumns({ columns, rows }: ReportTable): number {
  for (let count = 1; count < columns.length; count++) {
    const names = new Set(rows.map((row) => JSON.stringify(row.slice(0, count))));
    if (names.size === rows.length) return count;
  }
  return 1;
}

function cellHtml(cell: ReportCell, column: ReportColumn): string {
  // Four numbers of the paper's tables share a cell, ".852/.721/.849/.720": it may break where one ends.
  if (cell === null || typeof cell !== "object") return escapeXml(formatCell(cell, column)).replaceAll("/", "/<wbr>");
  const { value, ends } = formatInterval(cell, column.digits);
  return ends === "" ? value : `${value} <span class="ends">${ends}</span>`;
}

/** Text without its mark-up. */
const plain = (text: string): string => text.replaceAll("**", "").replaceAll("`", "");
