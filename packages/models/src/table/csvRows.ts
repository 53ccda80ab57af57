import { pipeline } from "node:stream";
import { SaeError } from "@sae/core";
import { fileBytes } from "../text/readText.js";
import { checkColumns } from "./checkColumns.js";
import type { TableOptions } from "./readTable.js";

/**
 * Rows of a table with separators, by RFC 4180: fields may be quoted and then hold line breaks. Blank lines are skipped.
 *
 * @param delimiter what stands between the fields
 * @throws SaeError `bad_csv`, `missing_column`, and those of `fileBytes`
 */
export async function* csvRows(
  path: string,
  { columns, encoding = "utf-8", header = true }: TableOptions,
  delimiter: string,
): AsyncGenerator<Record<string, string>> {
  const { CsvError, parse } = await import("csv-parse");
  const parser = parse({
    bom: true,
    delimiter,
    encoding: encoding === "utf-8" ? "utf8" : "latin1",
    skip_empty_lines: true,
    // Rows of another length are refused below, where their number is known.
    relax_column_count: true,
  });
  let head: Head | undefined;
  let row = 0;
  try {
    for await (const record of pipeline(fileBytes(path), parser, () => {})) {
      const cells = record as string[];
      if (head === undefined) {
        head = headOf(path, header === true ? cells : header === false ? cells.map((_, i) => `${i}`) : header, columns);
        if (header === true) continue;
      }
      row++;
      if (cells.length !== head.names.length) {
        throw new SaeError(
          "bad_csv",
          `read ${path}, row ${row}: needed a field for each of the ${head.names.length} columns, got ${cells.length}`,
        );
      }
      yield Object.fromEntries(head.wanted.map(([name, i]) => [name, cells[i] as string]));
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const broken = Number(cause.records) + (header === true ? 0 : 1);
    const where = broken === 0 ? "the row of names" : `row ${broken}`;
    throw new SaeError("bad_csv", `read ${path}, ${where}: needed a table with separators, got "${cause.message}"`, {
      cause,
    });
  }
}

/** Columns of a table, and those that are read with their places. */
interface Head {
  readonly names: readonly string[];
  readonly wanted: readonly (readonly [name: string, place: number])[];
}

function headOf(path: string, names: readonly string[], columns: readonly string[] | undefined): Head {
  if (columns) checkColumns(`read ${path}`, names, columns);
  const all = names.map((name, i) => [name, i] as const);
  return { names, wanted: columns ? all.filter(([name]) => columns.includes(name)) : all };
}
