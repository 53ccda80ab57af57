import { SaeError } from "@sae/core";
import type { TextEncoding } from "../text/readText.js";
import { fileFormat, tableExtensions } from "../text/textFormats.js";
import { csvRows } from "./csvRows.js";
import { jsonlRows } from "./jsonlRows.js";
import { parquetRows } from "./parquetRows.js";

/** How a table is read. */
export interface TableOptions {
  /** Columns to read, all when left out. Of a Parquet file nothing else is read from the disk. */
  readonly columns?: readonly string[];
  /** Of everything but Parquet, which is always UTF-8. Default "utf-8". */
  readonly encoding?: TextEncoding;
  /** Of `.csv` and `.tsv`: whether the first row names the columns, which is the default; else their names, or false to call them "0", "1", … */
  readonly header?: boolean | readonly string[];
}

/**
 * Rows of a table, one after another: a `.csv`, `.tsv`, `.jsonl` or `.parquet` file, each also as `.gz`. Cells are text in `.csv` and `.tsv`, what JSON
 * holds in `.jsonl`, and of Parquet what hyparquet makes of them: whole numbers of 64 bits are bigint.
 *
 * @throws SaeError `unknown_format`, `file_not_found`, `missing_column`, `bad_csv`, `bad_json`, `bad_parquet`, `bad_gzip`, `read_failed`, all of them
 *   while rows are read
 * @example
 * for await (const { city, country } of readTable("cities.csv.gz", { columns: ["city", "country"] })) console.log(city, country);
 */
export async function* readTable(path: string, options: TableOptions = {}): AsyncGenerator<Record<string, unknown>> {
  const format = fileFormat(path);
  if (format === "jsonl") yield* jsonlRows(path, options);
  else if (format === "parquet") yield* parquetRows(path, options);
  else if (format === "csv" || format === "tsv") yield* csvRows(path, options, format === "csv" ? "," : "\t");
  else {
    throw new SaeError(
      "unknown_format",
      `read ${path}: needed a table ending in ${tableExtensions.join(", ")}, or one of these and .gz`,
    );
  }
}
