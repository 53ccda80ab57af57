/*
 * Data sets of whoever has some, each in a line:
 *
 *   file:reviews.csv?text=body&label=stars      a csv, tsv, jsonl or parquet file, also .gz
 *   file:reviews?text=body&label=stars          a folder of them
 *   file:corpus                                 a folder with a folder for each class, a text in each .txt file; or with a .txt file for each class, a text a line
 *   hf:org/name@revision:data/*.parquet?label=topic      files of a data set of the Hugging Face hub
 */
import { SaeError } from "@sae/core";
import type { ProbingDataset } from "../probingDataset.js";
import { type Cell, isTextFile } from "../tableSource.js";

/** What can be said after the `?`. */
const keys = ["text", "label", "document", "stratum", "classes", "name"] as const;
type Key = (typeof keys)[number];

/** Whether a data set is asked for by its files and not by a name. */
export const isFileSpec = (spec: string): boolean => /^(file|hf):/.test(spec);

/** Where the files are, without `file:`; and the rest of the line. */
function partsOf(spec: string): { readonly place: string; readonly query: string } {
  // A pattern may have a question mark, too: the last one counts, where something = something follows.
  const at = spec.search(/\?\w+=[^?]*$/);
  const whole = at < 0 ? spec : spec.slice(0, at);
  return { place: whole.replace(/^file:/, ""), query: at < 0 ? "" : spec.slice(at + 1) };
}

/**
 * The data set that a line such as `file:reviews.csv?text=body&label=stars` asks for. `text` and `label` name columns, and are called so when left out;
 * further columns are `document` and `stratum` (see `LabelledText`). `classes` are the labels to use, separated by `|`, all when left out. `name` stands in reports; when left out it is that of the file, the folder or the repository.
 *
 * @throws SaeError `bad_option`
 */
export function fileDataset(spec: string): ProbingDataset {
  const { place, query } = partsOf(spec);
  const given: Partial<Record<Key, string>> = {};
  for (const [key, value] of new URLSearchParams(query)) {
    const known = keys.find((name) => name === key);
    if (known === undefined || value === "" || given[known] !== undefined) {
      throw new SaeError(
        "bad_option",
        `probing: needed ${keys.join(", ")}, each at most once and with a value, got '${key}=${value}' in ${spec}; correct it`,
      );
    }
    given[known] = value;
  }
  if (place === "")
    throw new SaeError("bad_option", `probing: needed a path after 'file:', got '${spec}'; name a file`);
  const { text = "text", label = "label", document, stratum, classes, name = nameOf(place) } = given;
  if (!/^[\w.-]+$/.test(name)) {
    throw new SaeError(
      "bad_option",
      `probing: needed a name of letters, digits, '.', '-' and '_' for ${place}, got '${name}'; add name=… after '?'`,
    );
  }
  const columns = [...new Set([text, label, document, stratum].filter((column) => column !== undefined))];
  return {
    name,
    title: name,
    family: "other",
    source: place,
    texts: {
      place,
      files: /\.(txt|csv|tsv|jsonl|parquet)(\.gz)?$/,
      format: "classes",
      columns,
      text: cell(text, "text"),
      label: cell(label, "label"),
      ...(document !== undefined && { document }),
      ...(stratum !== undefined && { stratum }),
    },
    ...(classes !== undefined && { classes: classes.split("|").map((one) => ({ name: one })) }),
  };
}

/** Everything about a data set of files but where it is: what has to be known to read it again from another place. */
export const fileQuery = (spec: string): string => partsOf(spec).query;

/** A column of a table, or that of a `.txt` file. */
const cell =
  (column: string, ofText: string): Cell =>
  (row, file) => {
    const value = row[isTextFile(file) ? ofText : column];
    return value === null || value === undefined ? undefined : String(value);
  };

/** Name of the file without its ends, of the folder, or of the repository. */
function nameOf(place: string): string {
  const hub = /^hf:[^/]+\/([^@:]+)/.exec(place);
  if (hub) return hub[1] as string;
  const last =
    place
      .replace(/[\\/]+$/, "")
      .split(/[\\/]/)
      .pop() ?? "";
  return last.replace(/(\.\w+)?(\.gz)?$/, (end) => (/^\.(txt|csv|tsv|jsonl|parquet)/.test(end) ? "" : end));
}
