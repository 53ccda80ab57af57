/** A row of a table: its cells by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Where a value stands: a column, or what a function makes of the row and of the path of its file. */
export type Cell = string | ((row: Row, file: string) => string | undefined);

/** Rows of tables in files below a folder. */
export interface TableSource {
  /** Which files, by their path below the folder of data, with `/`. */
  readonly files: RegExp;
  /** `lines`: one text a line, in the column `text`. Default `table`: csv, tsv, jsonl or parquet, as the end of the name says. */
  readonly format?: "table" | "lines";
  /** Files in Latin-1; all others are UTF-8. */
  readonly latin1?: RegExp;
  readonly text: Cell;
  readonly label: Cell;
  /** What a text was cut from, the property to balance, and the side it belongs to; see `LabelledText`. */
  readonly document?: Cell;
  readonly stratum?: Cell;
  /** Files of each side, where the data is split already. */
  readonly split?: { readonly train: RegExp; readonly test: RegExp };
  /** Id on the Hugging Face hub, where it is on it: its files are then looked for in the folder of that name. */
  readonly hub?: string;
}
