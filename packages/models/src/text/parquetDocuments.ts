import { SaeError } from "@sae/core";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { fileBytes, readError } from "./readText.js";
import { type Columns, checkColumns, rowDocument } from "./rowDocument.js";
import type { TextDocument } from "./textSource.js";

/**
 * One document a row of a Parquet file. Memory: the wanted columns of one group of rows; for a `.gz` the file itself too.
 *
 * @throws SaeError `bad_parquet`, `missing_column`, `wrong_column_type`, `read_failed`, `bad_gzip`
 */
export async function* parquetDocuments(path: string, name: string, columns: Columns): AsyncGenerator<TextDocument> {
  const what = `read ${path}`;
  const file = path.endsWith(".gz") ? await unpacked(path) : await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch(badParquet(path));
  const present = parquetSchema(metadata).children.map(({ element }) => element.name);
  checkColumns(what, present, columns);
  const wanted = columns.fields === undefined ? present : [...new Set([columns.column, ...columns.fields])];
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, columns: wanted, rowStart, rowEnd, compressors }).catch(
      badParquet(path),
    );
    for (const [i, row] of rows.entries()) yield rowDocument(what, `${name}:${rowStart + i}`, row, columns);
    rowStart = rowEnd;
  }
}

/** The library says what is wrong with the bytes in errors of its own; those of the system have a code. */
const badParquet = (path: string) => (cause: Error) => {
  if ("code" in cause) throw readError(path, cause);
  throw new SaeError("bad_parquet", `read ${path}: needed a Parquet file, got "${cause.message}"; fetch it again`, {
    cause,
  });
};

async function unpacked(path: string): Promise<ArrayBuffer> {
  const pieces: Buffer[] = [];
  for await (const piece of fileBytes(path)) pieces.push(piece);
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return bytes.buffer;
}
