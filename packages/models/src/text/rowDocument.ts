import { SaeError } from "@sae/core";
import type { TextDocument } from "./textSource.js";

/** Which columns of a table make a document. */
export interface Columns {
  /** The one with the text. */
  readonly column: string;
  /** Further ones that are kept; all when left out. */
  readonly fields?: readonly string[];
}

/**
 * Checks that a table has the columns.
 *
 * @param what first words of the error message: the file, the line
 * @throws SaeError `missing_column`
 */
export function checkColumns(what: string, present: readonly string[], { column, fields = [] }: Columns): void {
  for (const name of [column, ...fields]) {
    if (present.includes(name)) continue;
    const list = present.length === 0 ? "there are none" : `the columns are ${present.join(", ")}`;
    throw new SaeError("missing_column", `${what}: needed a column ${JSON.stringify(name)}, ${list}; name one of them`);
  }
}

/**
 * The document of a row. An empty cell (null) is an empty text, so that the numbers of the rows stay.
 *
 * @param what first words of the error message
 * @throws SaeError `missing_column`, `wrong_column_type`
 */
export function rowDocument(
  what: string,
  id: string,
  row: Readonly<Record<string, unknown>>,
  columns: Columns,
): TextDocument {
  const names = Object.keys(row);
  checkColumns(what, names, columns);
  const text = row[columns.column] ?? "";
  if (typeof text !== "string") {
    throw new SaeError(
      "wrong_column_type",
      `${what}: needed text in column ${JSON.stringify(columns.column)}, got ${Array.isArray(text) ? "a list" : `a ${typeof text}`}; choose another column`,
    );
  }
  const kept = columns.fields ?? names.filter((name) => name !== columns.column);
  return kept.length === 0
    ? { id, text }
    : { id, text, fields: Object.fromEntries(kept.map((name) => [name, row[name]])) };
}
