import type { FigureRecord } from "./report.js";

/** Every key that occurs, in the order in which they do. */
const columnsOf = (records: readonly FigureRecord[]): string[] => [...new Set(records.flatMap(Object.keys))];

/** Records as CSV (RFC 4180), a column for every key that occurs; null and missing values are empty. */
export function toCsv(records: readonly FigureRecord[]): string {
  const columns = columnsOf(records);
  if (columns.length === 0) return "";
  const line = (cells: readonly unknown[]) => cells.map((cell) => quote(`${cell ?? ""}`)).join(",");
  return [columns, ...records.map((record) => columns.map((column) => record[column]))]
    .map((cells) => `${line(cells)}\r\n`)
    .join("");
}

const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Records as JSON that names the columns once: `{"columns": […], "data": [[…], …]}`, what pandas calls `orient="split"`. */
export function toJson(records: readonly FigureRecord[]): string {
  const columns = columnsOf(records);
  return JSON.stringify({ columns, data: records.map((record) => columns.map((column) => record[column] ?? null)) });
}

/**
 * Contents of a file as an address that needs no network. Only what an address or an attribute cannot hold is escaped: for
 * numbers that is a quarter shorter than base64.
 */
export const dataUri = (type: string, content: string): string =>
  `data:${type};charset=utf-8,${content.replaceAll(/[^!$'()*+,\-./0-9:;=?@A-Z[\]_a-z{}~]/gu, encodeURIComponent)}`;
