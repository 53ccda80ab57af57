/** Estimated width of a line in pixels: classes of characters of a common sans serif, since nothing here measures a font. */
export function textWidth(line: string, size: number): number {
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

/** Breaks a paragraph into lines no wider than `width`; no text has none. */
export function wrapText(content: string | undefined, width: number, size: number): string[] {
  if (content === undefined) return [];
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
