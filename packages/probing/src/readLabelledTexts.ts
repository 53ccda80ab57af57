import { fileText, type HubOptions, lines, readTable } from "@sae/models";
import { type DatasetFile, openDatasetFiles } from "./datasetFiles.js";
import type { LabelledText, ProbingDataset } from "./probingDataset.js";
import { type Cell, classOfFile, isTextFile, type Row, type TableSource } from "./tableSource.js";

/** How much of large data is read. */
export interface ReadLimits {
  /** Texts kept of each label, side and stratum. Default all. */
  readonly most?: number;
  /** A file is left when so many rows in a row were not needed any more. Default 20,000. */
  readonly patience?: number;
}

/**
 * The texts of a data set with their labels, in the order of its files and rows; files that are on the hub are fetched. Of a data set that is far larger
 * than what is wanted the first rows are taken, as SAEBench does.
 *
 * @param folder - the folder of data; a data set that is a function, on the hub or at a place of its own needs none
 * @throws SaeError `file_not_found`, `missing_column` and others of reading tables, those of `openDatasetFiles`
 */
export async function readLabelledTexts(
  dataset: ProbingDataset,
  folder?: string,
  { hub, ...limits }: ReadLimits & { readonly hub?: HubOptions } = {},
): Promise<LabelledText[]> {
  const { texts } = dataset;
  if (typeof texts === "function") return [...(await texts())];
  return labelledTextsIn(await openDatasetFiles(dataset, texts, folder, hub), dataset, texts, limits);
}

/**
 * Those in files that are on this machine.
 *
 * @param texts - the data set's
 * @throws SaeError `missing_column` and others of reading tables
 */
export async function labelledTextsIn(
  files: readonly DatasetFile[],
  dataset: ProbingDataset,
  texts: TableSource,
  { most = Number.POSITIVE_INFINITY, patience = 20_000 }: ReadLimits = {},
): Promise<LabelledText[]> {
  const known = dataset.classes && new Set(dataset.classes.flatMap(({ name, labels = [name] }) => labels));
  const kept: LabelledText[] = [];
  const counts = new Map<string, number>();
  for (const { path, name } of files) {
    let unneeded = 0;
    for await (const row of rowsOf(path, name, texts)) {
      const read = labelledText(row, name, texts);
      const group = read && JSON.stringify([read.label, read.split, read.stratum]);
      const count = group === undefined ? 0 : (counts.get(group) ?? 0);
      if (read === undefined || group === undefined || count >= most || known?.has(read.label) === false) {
        if (++unneeded >= patience && most !== Number.POSITIVE_INFINITY) break;
        continue;
      }
      unneeded = 0;
      counts.set(group, count + 1);
      kept.push(read);
    }
  }
  return kept;
}

async function* rowsOf(path: string, name: string, source: TableSource): AsyncGenerator<Row> {
  const { format, latin1 } = source;
  const encoding = latin1?.test(name) ? "latin1" : "utf-8";
  if (format === "lines") for await (const text of lines(fileText(path, encoding))) yield { text };
  else if (format === "classes" && isTextFile(name)) {
    const label = classOfFile(name);
    if (name.includes("/")) yield { text: await wholeText(fileText(path, encoding)), label };
    else for await (const text of lines(fileText(path, encoding))) yield { text, label };
  } else {
    const columns = source.columns ?? columnsOf(source);
    yield* readTable(path, { encoding, ...(columns && { columns }) });
  }
}

async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  let whole = "";
  for await (const piece of pieces) whole += piece;
  return whole;
}

/** The columns that the cells name; undefined where a cell is a function. */
function columnsOf({ text, label, document, stratum }: TableSource): string[] | undefined {
  const cells = [text, label, document, stratum].filter((one) => one !== undefined);
  const columns = cells.filter((one) => typeof one === "string");
  return columns.length === cells.length ? [...new Set(columns)] : undefined;
}

function labelledText(row: Row, file: string, source: TableSource): LabelledText | undefined {
  const [text, label] = [cell(source.text, row, file), cell(source.label, row, file)];
  if (text === undefined || label === undefined) return undefined;
  const { split } = source;
  return {
    text,
    label,
    ...(source.document && { document: cell(source.document, row, file) }),
    ...(source.stratum && { stratum: cell(source.stratum, row, file) }),
    ...(split && {
      split: split.test.test(file) ? ("test" as const) : split.train.test(file) ? ("train" as const) : undefined,
    }),
  };
}

function cell(from: Cell, row: Row, file: string): string | undefined {
  const value = typeof from === "string" ? row[from] : from(row, file);
  return value === null || value === undefined ? undefined : String(value);
}
