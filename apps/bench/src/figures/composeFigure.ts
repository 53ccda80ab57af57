import { escapeXml } from "./escapeXml.js";
import type { Figure, FigurePanel } from "./figure.js";
import { keyWidth, legendKey } from "./legendKey.js";
import { round, textSize } from "./plotPanel.js";
import { textWidth, wrapText } from "./wrapText.js";

const margin = 16;
/** Distance between two panels of a row. */
const gap = 24;
/** Width within which as many panels stand beside each other as fit. */
const fullWidth = 1080;
const lineHeight = 17;
const titleSize = 16;
const detailAttributes = ` font-size="${textSize}" fill-opacity="0.75"`;
const fontFamily = "Inter, system-ui, sans-serif";

/** Lays title, legend, panels and notes out into one SVG, still with colours of either theme; see `standaloneSvg` for files. */
export function composeFigure({ title, subtitle, description, legend = [], rows, notes = [] }: Figure): string {
  const broken = rows.flatMap(inRows);
  const rowWidth = (row: readonly FigurePanel[]) => row.reduce((sum, { width }) => sum + width, (row.length - 1) * gap);
  const inner = Math.max(480, ...broken.map(rowWidth));
  const width = inner + 2 * margin;
  const out: string[] = [];
  let y = margin;

  const text = (x: number, line: string, attributes = "") => {
    out.push(`<text x="${round(x)}" y="${round(y)}"${attributes}>${escapeXml(line)}</text>`);
  };
  const paragraph = (content: string, size: number, attributes: string, leading: number) => {
    for (const line of wrapText(content, inner, size)) {
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
      const entryWidth = keyWidth + 6 + textWidth(entry.label, textSize);
      if (x > margin && x + entryWidth > margin + inner) {
        x = margin;
        y += lineHeight + 3;
      }
      out.push(legendKey(entry, x, y - 4));
      text(x + keyWidth + 6, entry.label, ` font-size="${textSize}"`);
      x += entryWidth + 18;
    }
  }
  y += 14;

  for (const row of broken) {
    const headings = row.map(({ title, detail, width }) => [
      ...wrapText(title, width, 13).map((line) => ({ line, attributes: ' font-size="13" font-weight="600"' })),
      ...wrapText(detail, width, textSize).map((line) => ({ line, attributes: detailAttributes })),
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
    `role="img" aria-label="${escapeXml(`${title}. ${description.join("; ")}`)}" font-family="${fontFamily}" fill="currentColor">` +
    `${out.join("")}</svg>`
  );
}

/** A row broken into rows that fit. */
function inRows(panels: readonly FigurePanel[]): FigurePanel[][] {
  const rows: FigurePanel[][] = [];
  let used = 0;
  for (const panel of panels) {
    used += panel.width + gap;
    if (rows.length === 0 || used - gap > fullWidth) {
      rows.push([]);
      used = panel.width + gap;
    }
    rows[rows.length - 1].push(panel);
  }
  return rows;
}
