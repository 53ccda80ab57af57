import { SaeError } from "@sae/core";
import { fileText, type TextEncoding } from "./readText.js";
import { type Columns, rowDocument } from "./rowDocument.js";
import { lines } from "./splitText.js";
import type { TextDocument } from "./textSource.js";

/**
 * One document a line: a JSON object whose keys are the columns. Blank lines are skipped.
 *
 * @throws SaeError `bad_json`, `missing_column`, `wrong_column_type`, and those of `fileText`
 */
export async function* jsonlDocuments(
  path: string,
  name: string,
  encoding: TextEncoding,
  columns: Columns,
): AsyncGenerator<TextDocument> {
  let row = 0;
  let line = 0;
  for await (const json of lines(fileText(path, encoding))) {
    line++;
    if (!/\S/.test(json)) continue;
    const what = `read ${path}, line ${line}`;
    yield rowDocument(what, `${name}:${row++}`, parseObject(what, json), columns);
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
