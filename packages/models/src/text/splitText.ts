/** Where one document of a text file ends and the next begins. */
export type TextSplit = "file" | "line" | "paragraph" | { readonly at: string };

/**
 * Cuts a text that comes in pieces into documents: the whole of it; its lines; its paragraphs (parted by lines that are blank); or what stands
 * between separators, where the line breaks next to a separator belong to it. What has no character but white space is no document.
 *
 * Memory: the longest document.
 */
export async function* splitText(pieces: AsyncIterable<string>, split: TextSplit): AsyncGenerator<string> {
  const parts =
    split === "file"
      ? whole(pieces)
      : split === "line"
        ? lines(pieces)
        : split === "paragraph"
          ? paragraphs(pieces)
          : between(pieces, split.at);
  for await (const part of parts) {
    if (/\S/.test(part)) yield part;
  }
}

/** Lines without their ends (`\n` or `\r\n`). What follows the last end is a line when it is not empty. */
export async function* lines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of cut(pieces, "\n")) yield line.endsWith("\r") ? line.slice(0, -1) : line;
}

async function* whole(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  yield text;
}

async function* paragraphs(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let paragraph: string[] = [];
  for await (const line of lines(pieces)) {
    if (/\S/.test(line)) {
      paragraph.push(line);
    } else if (paragraph.length > 0) {
      yield paragraph.join("\n");
      paragraph = [];
    }
  }
  if (paragraph.length > 0) yield paragraph.join("\n");
}

async function* between(pieces: AsyncIterable<string>, separator: string): AsyncGenerator<string> {
  for await (const part of cut(pieces, separator)) yield part.replace(/^[\r\n]+|[\r\n]+$/g, "");
}

/** What stands before, between and after separators; the last part only when it is not empty. */
async function* cut(pieces: AsyncIterable<string>, separator: string): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    // a separator may lie across the seam, not before it: looking there again would be quadratic in a long document
    let from = Math.max(0, rest.length - separator.length + 1);
    rest += piece;
    let start = 0;
    for (let at = rest.indexOf(separator, from); at >= 0; at = rest.indexOf(separator, from)) {
      yield rest.slice(start, at);
      start = at + separator.length;
      from = start;
    }
    rest = rest.slice(start);
  }
  if (rest !== "") yield rest;
}
