import { SaeError } from "@sae/core";

/**
 * Checks that a table has the columns.
 *
 * @param what first words of the error message: the file, the row
 * @throws SaeError `missing_column`
 */
export function checkColumns(what: string, present: readonly string[], needed: readonly string[]): void {
  const absent = needed.find((name) => !present.includes(name));
  if (absent === undefined) return;
  const list = present.length === 0 ? "there are none" : `the columns are ${present.join(", ")}`;
  throw new SaeError("missing_column", `${what}: needed a column ${JSON.stringify(absent)}, ${list}; name one of them`);
}
