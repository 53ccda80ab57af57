import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { SaeError } from "@sae/core";
import { type FetchTextsOptions, fetchTexts } from "./fetchTexts.js";
import { findTextFiles, type TextFile } from "./findTextFiles.js";
import { fileText, readError, type TextEncoding } from "./readText.js";
import { splitText, type TextSplit } from "./splitText.js";
import { tableDocuments } from "./tableDocuments.js";
import type { TextDocument, TextSource } from "./textSource.js";

/** How the documents stand in the files. */
export interface TextOptions {
  /** Column with the text, in tables. Default "text". */
  readonly column?: string;
  /** Further columns that documents carry; all when left out, which reads more than is needed when nobody wants them. */
  readonly fields?: readonly string[];
  /** What is a document in a `.txt` file. Default the whole file. */
  readonly split?: TextSplit;
  /** Of everything but Parquet, which is always UTF-8. Default "utf-8". */
  readonly encoding?: TextEncoding;
  /** Which files of a folder: `[".txt"]` and the like. */
  readonly extensions?: readonly string[];
  /** Cache, token, endpoint and the like, for data sets of the hub. */
  readonly hub?: FetchTextsOptions;
}

/**
 * Opens documents: `.txt`, `.jsonl`, `.csv`, `.tsv` and `.parquet` files, each also as `.gz`, folders of them, and data sets of the Hugging Face hub
 * (see {@link fetchTexts}), which are fetched first. Reads every file once, for its hash: the same files are the same texts, wherever they came from.
 * Documents are then read as they are asked for.
 *
 * @param spec path of a file or folder, a data set such as `hf:org/name@revision:data/train-*.parquet`, or several
 * @throws SaeError those of `fetchTexts`; `file_not_found`, `unknown_format`, `no_texts`, `duplicate_file`, `bad_option`, `read_failed`; and while documents are read
 *   `missing_column`, `wrong_column_type`, `bad_json`, `bad_csv`, `bad_parquet`, `bad_gzip`
 * @example
 * const texts = await openTexts("reviews.csv", { column: "review" });
 * for await (const { id, text } of texts.documents()) console.log(id, text);
 */
export async function openTexts(spec: string | readonly string[], options: TextOptions = {}): Promise<TextSource> {
  const { column = "text", fields, split = "file", encoding = "utf-8", extensions, hub } = options;
  if (typeof split === "object" && split.at === "") {
    throw new SaeError("bad_option", "open texts: needed a separator of at least one character, got none");
  }
  const files = await findTextFiles(await fetchTexts(spec, hub), extensions);
  const hashed: { name: string; sha256: string }[] = [];
  for (const { path, name } of files) hashed.push({ name, sha256: await sha256(path) });

  const columns = { column, ...(fields && { fields }) };
  const documentsOf = ({ path, name, format }: TextFile): AsyncGenerator<TextDocument> =>
    format === "txt" ? txtDocuments(path, name, encoding, split) : tableDocuments(path, name, encoding, columns);
  // What does not bear on the texts is no part of their identity: other columns, and options of formats that are not there.
  const has = (isOf: (format: TextFile["format"]) => boolean) => files.some(({ format }) => isOf(format));
  return {
    identity: {
      kind: "files",
      files: hashed,
      ...(has((format) => format !== "txt") && { column }),
      ...(has((format) => format === "txt") && { split }),
      ...(has((format) => format !== "parquet") && { encoding }),
    },
    async *documents() {
      for (const file of files) yield* documentsOf(file);
    },
  };
}

async function* txtDocuments(
  path: string,
  name: string,
  encoding: TextEncoding,
  split: TextSplit,
): AsyncGenerator<TextDocument> {
  let number = 0;
  for await (const text of splitText(fileText(path, encoding), split)) {
    yield { id: split === "file" ? name : `${name}:${number++}`, text };
  }
}

async function sha256(path: string): Promise<string> {
  const digest = createHash("sha256");
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) digest.update(piece);
  } catch (cause) {
    throw readError(path, cause);
  }
  return digest.digest("hex");
}
