import { SaeError } from "@sae/core";
import { checkColumns } from "../table/checkColumns.js";
import { readTable } from "../table/readTable.js";
import type { TextEncoding } from "./readText.js";
import type { TextDocument } from "./textSource.js";

/** Which columns of a table make a document. */
export interface Columns {
  /** The one with the text. */
  readonly column: string;
  /** Further ones that are kept; all when left out. */
  readonly fields?: readonly string[];
}

/**
 * One document a row of a table. An empty cell (null) is an empty text, so that the numbers of the rows stay.
 *
 * @throws SaeError `wrong_column_type`, and those of `readTable`
 */
export async function* tableDocuments(
  path: string,
  name: string,
  encoding: TextEncoding,
  { column, fields }: Columns,
): AsyncGenerator<TextDocument> {
  const columns = fields && [...new Set([column, ...fields])];
  let row = 0;
  for await (const cells of readTable(path, { encoding, ...(columns && { columns }) })) {
    const what = `read ${path}, row ${row + 1}`;
    const names = Object.keys(cells);
    checkColumns(what, names, [column]);
    const text = cells[column] ?? "";
    if (typeof text !== "string") {
      throw new SaeError(
        "wrong_column_type",
        `${what}: needed text in column ${JSON.stringify(column)}, got ${Array.isArray(text) ? "a list" : `a ${typeof text}`}; choose another column`,
      );
    }
    const kept = fields ?? names.filter((other) => other !== column);
    const document = { id: `${name}:${row++}`, text };
    yield kept.length === 0
      ? document
      : { ...document, fields: Object.fromEntries(kept.map((other) => [other, cells[other]])) };
  }
}
