import { columnLabels, formatCell, isNumeric, tableNotes } from "./formatCell.js";
import type { ReportTable } from "./report.js";

/** A table for the terminal: aligned columns, numbers to the right, no colours. Ends without a line break. */
export function textTable(table: ReportTable): string {
  const body = table.rows.map((row) => row.map((cell, i) => formatCell(cell, table.columns[i])));
  const header = columnLabels(table);
  const widths = header.map((label, i) => Math.max(0, ...[label, ...body.map((row) => row[i])].map(displayWidth)));
  const right = header.map((_, i) => isNumeric(table, i));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const padding = " ".repeat(widths[i] - displayWidth(cell));
        return right[i] ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd();
  return [
    plain(table.caption),
    "",
    line(header),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...body.map(line),
    ...tableNotes(table).flatMap((note) => ["", plain(note)]),
  ].join("\n");
}

/** Text without its mark-up. */
const plain = (text: string): string => text.replaceAll("**", "").replaceAll("`", "");

/** Terminal columns of a text: combining marks, as in x̂, take none. */
const displayWidth = (text: string): number => [...text.replace(/\p{M}/gu, "")].length;
