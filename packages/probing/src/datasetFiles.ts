import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { SaeError } from "@sae/core";
import type { ProbingDataset } from "./probingDataset.js";
import type { TableSource } from "./tableSource.js";

/** A file of a data set. */
export interface DatasetFile {
  readonly path: string;
  /** Path below the folder of the data set, with `/` on every system. */
  readonly name: string;
}

const READ_BYTES = 2 ** 20;

/**
 * The files of a data set in the order of their names: those below the folder of data (of sets on the hub, below the folder of the hub's id in it) that
 * its `files` matches.
 *
 * @throws SaeError `file_not_found`
 */
export function datasetFiles({ name, source }: ProbingDataset, table: TableSource, folder: string): DatasetFile[] {
  const root = table.hub === undefined ? folder : join(folder, table.hub);
  const found = namesBelow(root).filter((file) => table.files.test(file));
  if (found.length > 0) return found.map((file) => ({ path: join(root, file), name: file }));
  throw new SaeError(
    "file_not_found",
    `probing: data set ${name} needs files that match ${table.files} below ${root}, there are none; get them (${source}) or leave the data set out`,
  );
}

/**
 * Hash of names and contents of the files of a data set. Read at once and not in turns, because a study is planned in one go.
 *
 * @throws SaeError as {@link datasetFiles}, `read_failed`
 */
export function datasetHash(dataset: ProbingDataset, table: TableSource, folder: string): string {
  const digest = createHash("sha256");
  const buffer = new Uint8Array(READ_BYTES);
  for (const { path, name } of datasetFiles(dataset, table, folder)) {
    digest.update(`${name}\n`);
    try {
      const file = openSync(path, "r");
      try {
        for (let count = 1; count > 0; ) {
          count = readSync(file, buffer, 0, READ_BYTES, null);
          digest.update(buffer.subarray(0, count));
        }
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      throw new SaeError("read_failed", `read ${path}: ${(cause as Error).message}`, { cause });
    }
  }
  return digest.digest("hex");
}

/** Files below a folder, by code units; none where there is no such folder. */
function namesBelow(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
      .sort((a, b) => (a < b ? -1 : 1));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new SaeError("read_failed", `read ${root}: ${(cause as Error).message}`, { cause });
  }
}
