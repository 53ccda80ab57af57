import { SaeError } from "@sae/core";
import { escapeXml } from "./escapeXml.js";
import { paper } from "./palette.js";
import { type PlotPanel, round, textSize } from "./plotPanel.js";
import type { SeriesStyles, SeriesSymbol } from "./seriesStyle.js";

/** A plot with what stands above it. */
export interface FigurePanel extends PlotPanel {
  /** Heading of the panel. */
  readonly title?: string;
  /** A line of numbers under the heading. */
  readonly detail?: string;
}

/** One item of the legend. */
export type LegendEntry = {
  readonly label: string;
  /** Any SVG paint; the text colour by default. */
  readonly colour?: string;
  /** An outline instead of a filled shape. */
  readonly hollow?: boolean;
} & (
  | { readonly kind: "bar" | "band" }
  | { readonly kind: "line"; readonly dash: string; readonly symbol?: SeriesSymbol }
  | { readonly kind: "mark"; readonly symbol: SeriesSymbol | "dot" | "hollow diamond" }
);

/** What {@link composeFigure} puts together. */
export interface FigureParts {
  readonly title: string;
  /** What was measured, in which units. */
  readonly subtitle?: string;
  /** What a reader who cannot see it should know: becomes the text alternative. */
  readonly description: string;
  readonly legend?: readonly LegendEntry[];
  /** Rows of panels. */
  readonly rows: readonly (readonly FigurePanel[])[];
  /** Small print below. */
  readonly notes?: readonly string[];
}

const margin = 16;
const gap = 24;
const lineHeight = 17;
const titleSize = 16;
const detailAttributes = ` font-size="${textSize}" fill-opacity="0.75"`;
const fontFamily = "Inter, system-ui, sans-serif";

/**
 * Lays title, legend, panels and notes out into one SVG. Colours are variables with light fallbacks and the ink is
 * `currentColor`, so that it fits into a page of either theme; see `standaloneSvg` for files.
 *
 * @throws SaeError `nothing_to_draw` without panels
 */
export function composeFigure({ title, subtitle, description, legend = [], rows, notes = [] }: FigureParts): string {
  if (rows.flat().length === 0) {
    throw new SaeError("nothing_to_draw", `${title}: needed at least one panel to draw, got none`);
  }
  const rowWidth = (row: readonly FigurePanel[]) => row.reduce((sum, { width }) => sum + width, (row.length - 1) * gap);
  const inner = Math.max(480, ...rows.map(rowWidth));
  const width = inner + 2 * margin;
  const out: string[] = [];
  let y = margin;

  const text = (x: number, line: string, attributes = "") => {
    out.push(`<text x="${round(x)}" y="${round(y)}"${attributes}>${escapeXml(line)}</text>`);
  };
  const paragraph = (content: string, size: number, attributes: string, leading: number) => {
    for (const line of wrap(content, inner, size)) {
      y += leading;
      text(margin, line, ` font-size="${size}"${attributes}`);
    }
  };

  paragraph(title, titleSize, ' font-weight="600"', 20);
  if (subtitle !== undefined) paragraph(subtitle, textSize, ' fill-opacity="0.75"', lineHeight);
  if (legend.length > 0) {
    y += 10;
    let x = margin;
    y += lineHeight;
    for (const entry of legend) {
      const entryWidth = 30 + textWidth(entry.label, textSize) + 18;
      if (x > margin && x + entryWidth - 18 > margin + inner) {
        x = margin;
        y += lineHeight + 3;
      }
      out.push(legendKey(entry, x, y - 4));
      text(x + 30, entry.label, ` font-size="${textSize}"`);
      x += entryWidth;
    }
  }
  y += 14;

  for (const row of rows) {
    const headings = row.map(({ title, detail, width }) => [
      ...lines(title, width, 13).map((line) => ({ line, attributes: ' font-size="13" font-weight="600"' })),
      ...lines(detail, width, textSize).map((line) => ({ line, attributes: detailAttributes })),
    ]);
    const headingLines = Math.max(0, ...headings.map(({ length }) => length));
    const top = y;
    let x = margin;
    row.forEach((panel, i) => {
      y = top;
      for (const { line, attributes } of headings[i]) {
        y += lineHeight;
        text(x, line, attributes);
      }
      y = top + (headingLines === 0 ? 0 : headingLines * lineHeight + 8);
      out.push(panel.svg.replace("<svg ", `<svg x="${round(x)}" y="${round(y)}" `));
      x += panel.width + gap;
    });
    y += Math.max(0, ...row.map(({ height }) => height)) + 12;
  }

  for (const note of notes) paragraph(note, 11, ' fill-opacity="0.75"', 15);
  const height = Math.ceil(y + margin);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${escapeXml(`${title}. ${description}`)}" font-family="${fontFamily}" fill="currentColor">` +
    `${out.join("")}</svg>`
  );
}

/** Width of a figure that a page shows without scrolling. */
const pageWidth = 1080;

/** Rows of as many panels as fit beside each other on a page. */
export function inRows(panels: readonly FigurePanel[]): FigurePanel[][] {
  const rows: FigurePanel[][] = [];
  let used = 0;
  for (const panel of panels) {
    used += panel.width + gap;
    if (rows.length === 0 || used - gap > pageWidth) {
      rows.push([]);
      used = panel.width + gap;
    }
    rows[rows.length - 1].push(panel);
  }
  return rows;
}

/** Legend entries of series drawn as bars or as lines with symbols. */
export const legendOf = (styles: SeriesStyles, kind: "bar" | "line"): LegendEntry[] =>
  styles.entries.map(([, { label, colour, dash, symbol, hollow }]) =>
    kind === "bar" ? { kind, label, colour, hollow } : { kind, label, colour, dash, symbol, hollow },
  );

function legendKey(entry: LegendEntry, x: number, y: number): string {
  const colour = entry.colour ?? "currentColor";
  switch (entry.kind) {
    case "bar":
      return entry.hollow
        ? `<rect x="${x + 7}" y="${y - 5}" width="12" height="10" fill="none" stroke="${colour}" stroke-width="2"/>`
        : `<rect x="${x + 6}" y="${y - 6}" width="14" height="12" fill="${colour}"/>`;
    case "band":
      return `<rect x="${x}" y="${y - 6}" width="24" height="12" fill="${colour}" fill-opacity="0.16"/>`;
    case "line": {
      const dash = entry.dash === "" ? "" : ` stroke-dasharray="${entry.dash}"`;
      const line = `<path d="M${x} ${y}h24" stroke="${colour}" stroke-width="1.75"${dash}/>`;
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

/** Estimated width of a line in pixels: classes of characters of a common sans serif, since nothing here measures a font. */
function textWidth(line: string, size: number): number {
  let ems = 0;
  for (const character of line) {
    if (/[ilj.,;:'|!\u2009]/.test(character)) ems += 0.27;
    else if (/[ ftrI()[\]/-]/.test(character)) ems += 0.37;
    else if (/[mwMW%—]/.test(character)) ems += 0.88;
    else if (/[A-Z0-9=−+<>≥≤]/.test(character)) ems += 0.67;
    else ems += 0.59;
  }
  return ems * size;
}

const lines = (content: string | undefined, width: number, size: number): string[] =>
  content === undefined ? [] : wrap(content, width, size);

/** Breaks a paragraph into lines no wider than `width`. */
function wrap(content: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of content.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
