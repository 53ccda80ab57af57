import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { SaeError } from "./error.js";
import { writeError, writeFileAtomic, writeFully } from "./writeFileAtomic.js";

/** The log of a run: in memory, and in a file of one JSON object a line when the run has a folder. */
export interface RunLog<Line> {
  readonly lines: readonly Line[];
  /**
   * Adds lines. They are on the disk when it resolves, so that a checkpoint written afterwards may count them; when it rejects, none is there.
   *
   * @throws SaeError `disk_full`, `write_failed`
   */
  append(rows: readonly Line[]): Promise<void>;
  /** Closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the log of a run; the first `keep` lines of an interrupted one stay, what it wrote after its checkpoint goes.
 *
 * @param path of the file, whose folder is made when it is not there; undefined for a log in memory
 * @param keep lines that the checkpoint counts
 * @throws SaeError `corrupt_checkpoint` when there are fewer, or one of them is no JSON; `disk_full`, `write_failed`
 */
export async function openRunLog<Line>(path: string | undefined, keep: number): Promise<RunLog<Line>> {
  if (path === undefined) {
    const lines: Line[] = [];
    return { lines, append: async (rows) => void lines.push(...rows), close: async () => {} };
  }
  await mkdir(dirname(path), { recursive: true });
  const kept = await firstLines(path, keep);
  const lines = kept.map((line, i) => {
    try {
      return JSON.parse(line) as Line;
    } catch (cause) {
      throw damaged(path, keep, `line ${i + 1} is no JSON`, cause);
    }
  });
  const text = kept.map((line) => `${line}\n`).join("");
  await writeFileAtomic(path, text);
  const handle = await open(path, "a").catch((cause: unknown) => {
    throw writeError(path, cause);
  });
  let size = Buffer.byteLength(text);
  return {
    lines,
    append: async (rows) => {
      if (rows.length === 0) return;
      const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      try {
        await writeFully(handle, bytes, path);
        await handle.datasync().catch((cause: unknown) => {
          throw writeError(path, cause);
        });
      } catch (error) {
        // Half a line would make one line with the next. Where it cannot be taken back, reading the log says so.
        await handle.truncate(size).catch(() => undefined);
        throw error;
      }
      size += bytes.length;
      lines.push(...rows);
    },
    close: () => handle.close(),
  };
}

const damaged = (path: string, count: number, got: string, cause?: unknown): SaeError =>
  new SaeError(
    "corrupt_checkpoint",
    `log ${path}: needed the ${count} lines that the checkpoint counts, ${got}; delete the folder to start again`,
    { cause },
  );

/** First `count` lines of a log that are whole. */
async function firstLines(path: string, count: number): Promise<string[]> {
  if (count === 0) return [];
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw damaged(path, count, "cannot read it", cause);
  });
  // What follows the last line feed is half a line, or nothing.
  const lines = text.split("\n").slice(0, -1);
  if (lines.length < count) throw damaged(path, count, `got ${lines.length}`);
  return lines.slice(0, count);
}
