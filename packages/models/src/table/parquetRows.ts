import { SaeError } from "@sae/core";
import { fileBytes, readError } from "../text/readText.js";
import { checkColumns } from "./checkColumns.js";
import type { TableOptions } from "./readTable.js";

/**
 * Rows of a Parquet file. Memory: the wanted columns of one group of rows; for a `.gz` the file itself too.
 *
 * @throws SaeError `bad_parquet`, `missing_column`, `file_not_found`, `read_failed`, `bad_gzip`
 */
export async function* parquetRows(path: string, { columns }: TableOptions): AsyncGenerator<Record<string, unknown>> {
  // Some fifty modules, which nobody loads who reads no Parquet.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const file = path.endsWith(".gz") ? await unpacked(path) : await asyncBufferFromFile(path).catch(failed(path));
  const metadata = await parquetMetadataAsync(file).catch(failed(path));
  const present = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (columns) checkColumns(`read ${path}`, present, columns);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const wanted = { file, metadata, columns: [...(columns ?? present)], rowStart, rowEnd, compressors };
    yield* await parquetReadObjects(wanted).catch(failed(`${path}, rows ${rowStart + 1} to ${rowEnd}`));
    rowStart = rowEnd;
  }
}

/** The library says what is wrong with the bytes in errors of its own; those of the system have a code. */
const failed =
  (what: string) =>
  (cause: Error): never => {
    if ("code" in cause) throw readError(what, cause);
    throw new SaeError("bad_parquet", `read ${what}: needed a Parquet file, got "${cause.message}"; fetch it again`, {
      cause,
    });
  };

async function unpacked(path: string): Promise<ArrayBuffer> {
  const pieces: Buffer[] = [];
  for await (const piece of fileBytes(path)) pieces.push(piece);
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return bytes.buffer;
}
