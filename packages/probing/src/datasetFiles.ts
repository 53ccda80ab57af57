import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { SaeError } from "@sae/core";
import { fetchFromHub, fetchTexts, type HubOptions } from "@sae/models";
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
 * What a data set is on the hub, `hf:org/name@revision`, where it has to be fetched from there: its contents have no hash before that. Null where its files
 * are on this machine.
 */
export function hubReference(table: TableSource, folder?: string): string | null {
  if (table.place !== undefined) return table.place.startsWith("hf:") ? table.place : null;
  if (table.hub === undefined || (folder !== undefined && below(table, folder).length > 0)) return null;
  return `hf:${table.hub}`;
}

/**
 * The files of a data set that are on this machine, in the order of their names: those at its place, or below the folder of data (of sets on the hub, below
 * the folder of the hub's id in it), that its `files` matches.
 *
 * @throws SaeError `file_not_found`
 */
export function datasetFiles({ name, source }: ProbingDataset, table: TableSource, folder: string): DatasetFile[] {
  const found = below(table, folder);
  if (found.length > 0) return found;
  const root = table.place ?? rootOf(table, folder);
  throw new SaeError(
    "file_not_found",
    table.place === undefined
      ? `probing: data set ${name} needs files that match ${table.files} below ${root}, there are none; get them (${source}) or leave the data set out`
      : `probing: data set ${name} needs a file or folder ${root} with .csv, .tsv, .jsonl, .parquet or .txt files, there is none; check the path`,
  );
}

/**
 * The files of a data set, fetched from the hub where that is where they are.
 *
 * @param folder - the folder of data; undefined for none
 * @throws SaeError as {@link datasetFiles}, and those of `fetchFromHub` and `fetchTexts`
 */
export async function openDatasetFiles(
  dataset: ProbingDataset,
  table: TableSource,
  folder?: string,
  hub: HubOptions = {},
): Promise<DatasetFile[]> {
  if (hubReference(table, folder) === null) return datasetFiles(dataset, table, folder ?? "");
  if (table.place !== undefined) {
    return (await fetchTexts(table.place, hub)).map((path) => ({ path, name: nameInRepository(path) }));
  }
  const [repo, revision] = (table.hub as string).split("@") as [string, string | undefined];
  const { files: wanted, fetched = wanted } = table;
  // Both match: as one expression, because it is searched for in each path.
  const pattern = new RegExp(`^(?=.*?(?:${wanted.source}))(?=.*?(?:${fetched.source}))`);
  const asked = { repo, ...(revision !== undefined && { revision }), kind: "dataset", pattern } as const;
  const { folder: root, files } = await fetchFromHub({ ...hub, ...asked });
  return Object.keys(files)
    .sort()
    .map((name) => ({ path: join(root, name), name }));
}

/** Files of the hub lie in a folder that is named by their commit. */
const nameInRepository = (path: string): string =>
  path.replaceAll(sep, "/").replace(/^.*\/snapshots\/[0-9a-f]{40}\//, "");

/** The commits that files of the hub are of. */
export const commitsOf = (files: readonly DatasetFile[]): string[] => [
  ...new Set(files.flatMap(({ path }) => /[\\/]snapshots[\\/]([0-9a-f]{40})[\\/]/.exec(path)?.[1] ?? [])),
];

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

const rootOf = ({ hub }: TableSource, folder: string): string =>
  hub === undefined ? folder : join(folder, hub.split("@")[0] as string);

function below(table: TableSource, folder: string): DatasetFile[] {
  const { place, files } = table;
  if (place !== undefined && statSync(place, { throwIfNoEntry: false })?.isFile()) {
    return [{ path: place, name: basename(place) }].filter(({ name }) => files.test(name));
  }
  const root = place ?? rootOf(table, folder);
  return namesBelow(root)
    .filter((file) => files.test(file))
    .map((file) => ({ path: join(root, file), name: file }));
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
