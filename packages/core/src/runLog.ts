import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { SaeError } from "./error.js";
import { writeFileAtomic } from "./writeFileAtomic.js";

/** The log of a run: in memory, and in a file of one JSON object a line when the run has a folder. */
export interface RunLog<Line> {
  readonly lines: readonly Line[];
  /** Adds a line. */
  append(rows: readonly Line[]): Promise<void>;
  /** Closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the log of a run; the first `keep` lines of an interrupted one stay, what it wrote after its checkpoint goes.
 *
 * @param path of the file, whose folder is made when it is not there; undefined for a log in memory
 * @param keep lines that the checkpoint counts
 * @throws SaeError `corrupt_checkpoint` when there are fewer
 */
export async function openRunLog<Line>(path: string | undefined, keep: number): Promise<RunLog<Line>> {
  if (path === undefined) {
    const lines: Line[] = [];
    return { lines, append: async (rows) => void lines.push(...rows), close: async () => {} };
  }
  await mkdir(dirname(path), { recursive: true });
  const kept = await firstLines(path, keep);
  await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
  const lines = kept.map((line) => JSON.parse(line) as Line);
  const handle = await open(path, "a");
  return {
    lines,
    append: async (rows) => {
      lines.push(...rows);
      if (rows.length > 0) await handle.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    },
    close: () => handle.close(),
  };
}

/** First `count` lines of a log that are whole. */
async function firstLines(path: string, count: number): Promise<string[]> {
  if (count === 0) return [];
  const failed = (got: string, cause?: unknown) =>
    new SaeError(
      "corrupt_checkpoint",
      `log ${path}: needed the ${count} lines that the checkpoint counts, ${got}; delete the folder to start again`,
      { cause },
    );
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw failed("cannot read it", cause);
  });
  // What follows the last line feed is half a line, or nothing.
  const lines = text.split("\n").slice(0, -1);
  if (lines.length < count) throw failed(`got ${lines.length}`);
  return lines.slice(0, count);
}
