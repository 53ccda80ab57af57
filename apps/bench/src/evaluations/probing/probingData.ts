import { SaeError } from "@sae/core";
import {
  commitsOf,
  datasetHash,
  fileQuery,
  findProbingDatasets,
  hubReference,
  isFileSpec,
  type LabelledText,
  labelledTextsIn,
  openDatasetFiles,
  type ProbingDataset,
  probingDatasets,
  type TableSource,
} from "@sae/probing";
import { z } from "zod";
import { embeddedDatasets, embeddedOrigins } from "./probingEmbedded.js";

/** A data set as part of a job's config: its name, and what its texts are by content; one on the hub by its reference, where a commit pins the content. */
export const datasetIdentity = z.object({
  name: z.string(),
  content: z.string(),
  /** Of a data set of the user's files, what says how to read them: `text=body&label=stars`. */
  query: z.string().optional(),
});
export type DatasetIdentity = z.infer<typeof datasetIdentity>;

const groups = { embedded: embeddedDatasets, ...probingDatasets };

/** Names of the groups of data sets. */
export const probingGroups = Object.keys(groups);

/**
 * Data sets by their names, those of groups, or their files.
 *
 * @throws SaeError `unknown_dataset`, `bad_option`
 */
export const findDatasets = (names: readonly string[]): ProbingDataset[] => findProbingDatasets(names, groups);

/** Where data sets are on this machine: the folder of data, and the places of those that are the user's files, by name. */
export interface DatasetPlaces {
  readonly folder?: string | undefined;
  readonly places?: Readonly<Record<string, string>>;
  /** Whether only what is in the hub's cache may be used. */
  readonly offline?: boolean;
}

/** Facts that a job is given about its data sets. */
export function localDatasets(names: readonly string[], folder: string | undefined): Record<string, string> {
  const own = names.filter(isFileSpec).flatMap((spec) => findDatasets([spec]));
  const places = Object.fromEntries(own.map(({ name, texts }) => [name, (texts as TableSource).place]));
  return {
    ...(folder !== undefined && { probingData: folder }),
    ...(own.length > 0 && { probingPlaces: JSON.stringify(places) }),
  };
}

/** Reads them back. */
export const datasetPlaces = (local: Readonly<Record<string, string>>): DatasetPlaces => ({
  folder: local.probingData,
  ...(local.probingPlaces !== undefined && { places: JSON.parse(local.probingPlaces) as Record<string, string> }),
  offline: local.offline === "true",
});

/**
 * What identifies data sets: hashes of their files, the versions of the packages they come from, or what they are on the hub.
 *
 * @param names - of data sets and groups, or files
 * @param folder - folder of data, for sets that are files in it
 * @throws SaeError `unknown_dataset`, `bad_option`, `missing_option`, `file_not_found`, `read_failed`
 */
export function identifyDatasets(names: readonly string[], folder: string | undefined): DatasetIdentity[] {
  const queries = new Map(
    names.filter(isFileSpec).flatMap((spec) => findDatasets([spec]).map(({ name }) => [name, fileQuery(spec)])),
  );
  return findDatasets(names).map((dataset) => {
    const query = queries.get(dataset.name);
    return { name: dataset.name, content: contentOf(dataset, folder), ...(query !== undefined && { query }) };
  });
}

/** What was read of a data set. */
export interface ReadDataset {
  readonly dataset: ProbingDataset;
  readonly texts: LabelledText[];
  /** Of files from the hub, the commit that they are of. */
  readonly commit: string | null;
}

/**
 * The texts of the data sets that a config names.
 *
 * @param most - texts wanted of each class
 * @throws SaeError `data_changed`, and those of {@link identifyDatasets}, of fetching files and of reading tables
 */
export async function readDatasets(
  identities: readonly DatasetIdentity[],
  { folder, places = {}, offline }: DatasetPlaces,
  most: number,
): Promise<ReadDataset[]> {
  const read: ReadDataset[] = [];
  for (const { name, content, query } of identities) {
    const [dataset] = findDatasets([query === undefined ? name : specOf(name, places, query)]);
    const { texts: table } = dataset;
    if (typeof table === "function") {
      checkContent(name, content, embeddedOrigins(name));
      read.push({ dataset, texts: [...(await table())], commit: null });
      continue;
    }
    const isOnHub = content.startsWith("hf:");
    if (!isOnHub) checkContent(name, content, contentOf(dataset, folder));
    const files = await openDatasetFiles(dataset, table, isOnHub ? undefined : folder, offline ? { offline } : {});
    // Some will be the same, or of no use.
    const texts = await labelledTextsIn(files, dataset, table, { most: 4 * most });
    read.push({ dataset, texts, commit: commitsOf(files)[0] ?? null });
  }
  return read;
}

function specOf(name: string, places: Readonly<Record<string, string>>, query: string): string {
  const place = places[name];
  if (place === undefined) throw new SaeError("internal", `probing: no place of the data set ${name} is known`);
  const named = /(^|&)name=/.test(query) ? query : `${query}${query === "" ? "" : "&"}name=${name}`;
  return `${place.startsWith("hf:") ? "" : "file:"}${place}?${named}`;
}

function checkContent(name: string, planned: string, now: string): void {
  if (now === planned) return;
  throw new SaeError(
    "data_changed",
    `probing: the texts of ${name} changed since the study was planned; start the command again`,
  );
}

function contentOf(dataset: ProbingDataset, folder: string | undefined): string {
  const { name, texts: table } = dataset;
  if (typeof table === "function") return embeddedOrigins(name);
  const onHub = hubReference(table, folder);
  if (onHub !== null) return onHub;
  if (folder === undefined && table.place === undefined) {
    throw new SaeError(
      "missing_option",
      `probing: data set ${name} needs the folder that its files are in; give it with --probing-data-dir`,
    );
  }
  return datasetHash(dataset, table, folder ?? "");
}
