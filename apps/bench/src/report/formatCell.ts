import type { Interval } from "@sae/metrics";
import type { ReportCell, ReportColumn, ReportTable } from "./report.js";

/** What stands for a missing value. */
const missing = "–";

/** Text of a cell: `"0.671 ± 0.004 [0.661, 0.681]"` for a mean with standard deviation and interval. */
export function formatCell(cell: ReportCell, { digits }: Pick<ReportColumn, "digits"> = {}): string {
  if (cell === null) return missing;
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatNumber(cell, digits);
  const { value, ends } = formatInterval(cell, digits);
  return ends === "" ? value : `${value} ${ends}`;
}

/** The two parts of an interval's text: `"0.671 ± 0.004"`, and its ends, `"[0.661, 0.681]"` or nothing. */
export function formatInterval(
  interval: Interval,
  digits = intervalDigits(interval),
): { readonly value: string; readonly ends: string } {
  const { mean, sd, low, high } = interval;
  const spread = sd === null ? "" : ` ± ${formatNumber(sd, digits)}`;
  const ends = low === null || high === null ? "" : `[${formatNumber(low, digits)}, ${formatNumber(high, digits)}]`;
  return { value: `${formatNumber(mean, digits)}${spread}`, ends };
}

/** Digits after the point that show how wide an interval is, if it is not wider than they can show: 3 to 6. */
export function intervalDigits({ low, high }: Interval): number {
  if (low === null || high === null || !(high > low)) return 3;
  return Math.min(6, Math.max(3, Math.ceil(-Math.log10((high - low) / 2))));
}

/** A number with a true minus sign; a value that rounds to zero has none. */
export function formatNumber(value: number, digits = Number.isInteger(value) ? 0 : 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? missing : value > 0 ? "∞" : "−∞";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

const quoteMarks = ["†", "‡", "§", "¶"];

/** Labels of the columns; those with numbers of somebody else are marked. */
export function columnLabels({ columns }: ReportTable): string[] {
  const sources = quotedSources(columns);
  return columns.map(({ label, quotedFrom }) =>
    quotedFrom === undefined ? label : `${label} ${quoteMarks[sources.indexOf(quotedFrom) % quoteMarks.length]}`,
  );
}

/** Small print of a table: how to read its intervals, whose numbers were not measured here, and its own note. */
export function tableNotes(table: ReportTable): string[] {
  const quoted = quotedSources(table.columns).map(
    (source, i) => `${quoteMarks[i % quoteMarks.length]} Not measured here: ${source}.`,
  );
  return [intervalNote(table), ...quoted, table.note].filter((note) => note !== undefined);
}

const quotedSources = (columns: readonly ReportColumn[]): string[] => [
  ...new Set(columns.flatMap(({ quotedFrom }) => quotedFrom ?? [])),
];

/** Whether every filled cell of a column under the heading is a number or an interval: such columns align right. */
export function isNumeric({ rows }: ReportTable, column: number): boolean {
  const filled = rows.map((row) => row[column]).filter((cell) => cell !== null);
  return filled.length > 0 && filled.every((cell) => typeof cell !== "string");
}

/**
 * How to read the intervals of a table, from the intervals themselves: `"Mean ± standard deviation [95 % interval: student t,
 * n = 3]."`; nothing for a table without any.
 */
export function intervalNote({ rows }: ReportTable): string | undefined {
  const intervals = rows.flat().filter((cell): cell is Interval => cell !== null && typeof cell === "object");
  if (intervals.length === 0) return undefined;
  const shown = intervals.filter(({ low }) => low !== null);
  if (shown.length === 0) return "Single values: no interval.";
  const methods = new Map<string, { sizes: number[]; confidence: number }>();
  for (const { method, n, confidence } of shown) {
    const entry = methods.get(method) ?? { sizes: [], confidence };
    entry.sizes.push(n);
    methods.set(method, entry);
  }
  const described = [...methods].map(([method, { sizes }]) => {
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
    return `${method}, n = ${least === most ? least : `${least} to ${most}`}`;
  });
  const [{ confidence }] = methods.values();
  return `Mean ± standard deviation [${Number((confidence * 100).toFixed(2))} % interval: ${described.join("; ")}].`;
}
