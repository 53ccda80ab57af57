/** File formats by the end of the file's name, which may be followed by `.gz`. */
const textFormats = {
  ".txt": "txt",
  ".jsonl": "jsonl",
  ".csv": "csv",
  ".tsv": "tsv",
  ".parquet": "parquet",
} as const;

/** How documents stand in a file. */
export type TextFormat = (typeof textFormats)[keyof typeof textFormats];

/** Ends of the names of files with documents. */
export const textExtensions: readonly string[] = Object.keys(textFormats);

/** Ends of the names of files that hold tables. */
export const tableExtensions: readonly string[] = textExtensions.filter((end) => end !== ".txt");

/** Format of a file by its name; undefined when it is none of these. */
export function fileFormat(path: string): TextFormat | undefined {
  const plain = path.replace(/\.gz$/, "");
  return Object.entries(textFormats).find(([end]) => plain.endsWith(end))?.[1];
}
