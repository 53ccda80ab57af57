import { pipeline } from "node:stream";
import { SaeError } from "@sae/core";
import { CsvError, parse } from "csv-parse";
import { fileBytes, type TextEncoding } from "./readText.js";
import { type Columns, checkColumns, rowDocument } from "./rowDocument.js";
import type { TextDocument } from "./textSource.js";

/**
 * One document a row of a table with separators, by RFC 4180: the first row names the columns, fields may be quoted and then hold line breaks.
 *
 * @param delimiter what stands between the fields
 * @throws SaeError `bad_csv`, `missing_column`, and those of `fileBytes`
 */
export async function* csvDocuments(
  path: string,
  name: string,
  encoding: TextEncoding,
  columns: Columns,
  delimiter: string,
): AsyncGenerator<TextDocument> {
  const what = `read ${path}`;
  const parser = parse({
    bom: true,
    delimiter,
    encoding: encoding === "utf-8" ? "utf8" : "latin1",
    skip_empty_lines: true,
    columns: (header: string[]) => {
      checkColumns(what, header, columns);
      return header;
    },
  });
  let row = 0;
  try {
    for await (const record of pipeline(fileBytes(path), parser, () => {})) {
      yield rowDocument(what, `${name}:${row++}`, record as Record<string, string>, columns);
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new SaeError("bad_csv", `${what}: needed a table with separators, got "${cause.message}"`, { cause });
  }
}
