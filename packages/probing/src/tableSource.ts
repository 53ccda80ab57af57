/** A row of a table: its cells by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Where a value stands: a column, or what a function makes of the row and of the path of its file. */
export type Cell = string | ((row: Row, file: string) => string | undefined);

/** Rows of tables in files: below the folder of data, at a place of their own, or on the Hugging Face hub. */
export interface TableSource {
  /** Which files, by their path below the folder they are looked for in, with `/`. */
  readonly files: RegExp;
  /**
   * `table`, the default: csv, tsv, jsonl or parquet, as the end of the name says. `lines`: one text a line, in the column `text`. `classes`: tables, and
   * `.txt` files whose columns are `text` and `label`, see {@link classOfFile}.
   */
  readonly format?: "table" | "lines" | "classes";
  /** Columns of tables that are read, and have to be there. Default: those that the cells name, or all where a cell is a function. */
  readonly columns?: readonly string[];
  /** Files in Latin-1; all others are UTF-8. */
  readonly latin1?: RegExp;
  readonly text: Cell;
  readonly label: Cell;
  /** What a text was cut from, the property to balance, and the side it belongs to; see `LabelledText`. */
  readonly document?: Cell;
  readonly stratum?: Cell;
  /** Files of each side, where the data is split already. */
  readonly split?: { readonly train: RegExp; readonly test: RegExp };
  /**
   * "org/name" or "org/name@revision" on the Hugging Face hub, where it is on it. Its files are taken from the folder of that name below the folder of data;
   * where there are none they are fetched, those that `files` and `fetched` match.
   */
  readonly hub?: string;
  /** Which of the files are fetched, where a repository has more than anybody wants. Default all. */
  readonly fetched?: RegExp;
  /** Where the files are instead of in the folder of data: a file, a folder, or `hf:org/name@revision:pattern` on the hub. */
  readonly place?: string;
}

/** Whether a file holds plain text. */
export const isTextFile = (file: string): boolean => /\.txt(\.gz)?$/.test(file);

/** The class of a `.txt` file: the folder it lies in, `pos` for `train/pos/7.txt`; of a file in no folder its own name, `pos` for `pos.txt`. */
export function classOfFile(file: string): string {
  const [name, ...folders] = file.split("/").reverse() as [string, ...string[]];
  return folders[0] ?? name.replace(/\.txt(\.gz)?$/, "");
}
