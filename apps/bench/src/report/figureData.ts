import type { FigureRecord } from "./report.js";

/** Records as CSV (RFC 4180), a column for every key that occurs; null and missing values are empty. */
export function toCsv(records: readonly FigureRecord[]): string {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  if (columns.length === 0) return "";
  const line = (cells: readonly unknown[]) => cells.map((cell) => quote(`${cell ?? ""}`)).join(",");
  return [columns, ...records.map((record) => columns.map((column) => record[column]))]
    .map((cells) => `${line(cells)}\r\n`)
    .join("");
}

const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Contents of a file as an address that needs no network. */
export const dataUri = (type: string, content: string): string =>
  `data:${type};base64,${Buffer.from(content, "utf8").toString("base64")}`;
