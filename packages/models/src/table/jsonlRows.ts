import { SaeError } from "@sae/core";
import { fileText } from "../text/readText.js";
import { lines } from "../text/splitText.js";
import { checkColumns } from "./checkColumns.js";
import type { TableOptions } from "./readTable.js";

/**
 * Rows of a file with a JSON object a line, whose keys are the columns. Blank lines are skipped.
 *
 * @throws SaeError `bad_json`, `missing_column`, and those of `fileText`
 */
export async function* jsonlRows(
  path: string,
  { columns, encoding = "utf-8" }: TableOptions,
): AsyncGenerator<Record<string, unknown>> {
  let line = 0;
  for await (const json of lines(fileText(path, encoding))) {
    line++;
    if (!/\S/.test(json)) continue;
    const what = `read ${path}, line ${line}`;
    const row = parseObject(what, json);
    if (columns === undefined) yield row;
    else {
      checkColumns(what, Object.keys(row), columns);
      yield Object.fromEntries(columns.map((name) => [name, row[name]]));
    }
  }
}

function parseObject(what: string, json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new SaeError("bad_json", `${what}: needed JSON, got "${(cause as Error).message}"`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SaeError("bad_json", `${what}: needed an object {"column": value, ...}, got ${json.slice(0, 40)}`);
}
