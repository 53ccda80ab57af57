import type { LegendEntry } from "./figure.js";
import { paper } from "./palette.js";
import { round } from "./plotPanel.js";
import type { SeriesSymbol } from "./seriesStyle.js";

/** Width of a key, in pixels. */
export const keyWidth = 24;

/** What stands before a label of the legend: as SVG, from `x` on, its middle at the height `y`. */
export function legendKey(entry: LegendEntry, x: number, y: number): string {
  const colour = entry.colour ?? "currentColor";
  switch (entry.kind) {
    case "bar":
      return entry.hollow
        ? `<rect x="${x + 7}" y="${y - 5}" width="12" height="10" fill="none" stroke="${colour}" stroke-width="2"/>`
        : `<rect x="${x + 6}" y="${y - 6}" width="14" height="12" fill="${colour}"/>`;
    case "band":
      return `<rect x="${x}" y="${y - 6}" width="${keyWidth}" height="12" fill="${colour}" fill-opacity="0.16"/>`;
    case "line": {
      const dash = entry.dash === "" ? "" : ` stroke-dasharray="${entry.dash}"`;
      const line = `<path d="M${x} ${y}h${keyWidth}" stroke="${colour}" stroke-width="1.75"${dash}/>`;
      return entry.symbol === undefined ? line : line + symbolPath(entry.symbol, x + 12, y, colour, entry.hollow);
    }
    case "mark":
      return symbolPath(entry.symbol, x + 12, y, colour);
  }
}

/** A symbol of about 8 pixels, as Plot draws it in the panels. */
function symbolPath(
  symbol: SeriesSymbol | "dot" | "hollow diamond",
  x: number,
  y: number,
  colour: string,
  hollow = false,
): string {
  const paint = hollow ? `fill="${paper}" stroke="${colour}" stroke-width="1.5"` : `fill="${colour}"`;
  const filled = (d: string) => `<path d="M${round(x)} ${round(y)}${d}" ${paint}/>`;
  switch (symbol) {
    case "dot":
      return `<circle cx="${x}" cy="${y}" r="2" fill="${colour}"/>`;
    case "circle":
      return `<circle cx="${x}" cy="${y}" r="4" ${paint}/>`;
    case "square":
      return filled("m-3.5 -3.5h7v7h-7z");
    case "triangle":
      return filled("m0 -4.8l4.5 7.8h-9z");
    case "diamond":
      return filled("m0 -5.5l3.6 5.5l-3.6 5.5l-3.6 -5.5z");
    case "star":
      return filled("m0 -5.5l1.3 4h4.1l-3.3 2.4l1.3 4l-3.4 -2.5l-3.4 2.5l1.3 -4l-3.3 -2.4h4.1z");
    case "cross":
      return filled("m-1.4 -4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8z");
    case "hollow diamond":
      return `<path d="M${x} ${y}m0 -5.5l4 5.5l-4 5.5l-4 -5.5z" stroke="${colour}" stroke-width="1.5" fill="none"/>`;
  }
}
