import { round } from "../figures/plotPanel.js";
import { formatNumber } from "./formatCell.js";
import type { ReportVerdict } from "./report.js";

/** Where a difference lies on the axis that all verdicts of a metric share, in per cent of its width. */
export type VerdictAxis = (difference: number) => number;

const endsOf = ({ difference: { mean, low, high } }: ReportVerdict): number[] => [mean, low ?? mean, high ?? mean];

/** An axis with room for every interval, for 0 and for the band of effects that are of no interest. */
export function verdictAxis(verdicts: readonly ReportVerdict[]): { low: number; high: number; at: VerdictAxis } {
  const all = [
    0,
    ...verdicts.flatMap((verdict) => [...endsOf(verdict), verdict.smallestEffect, -verdict.smallestEffect]),
  ];
  const shown = all.filter(Number.isFinite);
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const room = 6;
  const at = (value: number): number => {
    const share = high === low ? 0.5 : (Math.min(high, Math.max(low, value)) - low) / (high - low);
    return round(room + share * (100 - 2 * room));
  };
  return { low, high, at };
}

/** Sizes of {@link verdictPlot} in pixels: a row on its own, and rows that only show where the intervals lie. */
export const plotSizes = {
  row: { pitch: 24, radius: 4.5, cap: 5 },
  overview: { pitch: 8, radius: 2.5, cap: 0 },
} as const;

/**
 * Differences with their intervals below each other, the line of no difference and the band of effects that are of no interest.
 * The numbers stand beside it as text; its width is that of its place.
 */
export function verdictPlot(
  verdicts: readonly ReportVerdict[],
  at: VerdictAxis,
  { pitch, radius, cap }: (typeof plotSizes)[keyof typeof plotSizes],
): string {
  const height = pitch * verdicts.length;
  const vertical = (value: number, from: number, to: number) =>
    `<line x1="${at(value)}%" x2="${at(value)}%" y1="${from}" y2="${to}"/>`;
  const rows = verdicts.map(({ verdict, difference: { mean, low, high } }, i) => {
    const y = (i + 0.5) * pitch;
    const caps = cap === 0 ? [] : [low, high].map((end) => (end === null ? "" : vertical(end, y - cap, y + cap)));
    const whisker =
      low === null || high === null ? "" : `<line x1="${at(low)}%" x2="${at(high)}%" y1="${y}" y2="${y}"/>`;
    return `<g class="${verdict}">${whisker}${caps.join("")}<circle cx="${at(mean)}%" cy="${y}" r="${radius}"/></g>`;
  });
  return (
    `<svg class="interval" width="100%" height="${height}" aria-hidden="true">` +
    `${bandOf(verdicts[0].smallestEffect, at, height)}<g class="zero">${vertical(0, 0, height)}</g>${rows.join("")}</svg>`
  );
}

/** The axis below a list of plots: its ends, 0, and which side is the better one. */
export function verdictAxisPlot({ low, high, at }: ReturnType<typeof verdictAxis>, lessIsBetter: boolean): string {
  const digits = Math.min(6, Math.max(2, Math.ceil(1 - Math.log10(Math.max(high - low, 1e-6)))));
  const label = (value: number) => `<text x="${at(value)}%" y="12">${formatNumber(value, digits)}</text>`;
  const isClear = (value: number) => Math.abs(at(value) - at(0)) > 15;
  const [left, right] = lessIsBetter ? ["trained better", "baseline better"] : ["baseline better", "trained better"];
  return (
    `<svg class="interval axis" width="100%" height="32" aria-hidden="true">` +
    `${[low, 0, high]
      .filter((value) => value === 0 || isClear(value))
      .map(label)
      .join("")}` +
    `<text class="left" x="0" y="28">← ${left}</text><text class="right" x="100%" y="28">${right} →</text></svg>`
  );
}

const bandOf = (smallestEffect: number, at: VerdictAxis, height: number): string =>
  smallestEffect > 0
    ? `<rect class="band" x="${at(-smallestEffect)}%" width="${round(at(smallestEffect) - at(-smallestEffect))}%" height="${height}"/>`
    : "";
