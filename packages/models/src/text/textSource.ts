/** One document. */
export interface TextDocument {
  /** Names it within its source: a file's name, a row's number. */
  readonly id: string;
  readonly text: string;
  /** Further columns of the row, where there are any (a label, for one). */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Documents in a fixed order. */
export interface TextSource {
  /** What identifies the texts: kind, names and hashes of the files, column. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The documents from the start; the same ones in the same order each time. */
  documents(): AsyncIterable<TextDocument>;
}
