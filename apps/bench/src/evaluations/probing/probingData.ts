import { SaeError } from "@sae/core";
import {
  datasetHash,
  findProbingDatasets,
  type LabelledText,
  type ProbingDataset,
  probingDatasets,
  readLabelledTexts,
} from "@sae/probing";
import { embeddedDatasets, embeddedOrigins } from "./probingEmbedded.js";

/** A data set as part of a job's config: its name, and what its texts are by content. */
export interface DatasetIdentity {
  readonly name: string;
  readonly content: string;
}

const groups = { embedded: embeddedDatasets, ...probingDatasets };

/** Names of the groups of data sets. */
export const probingGroups = Object.keys(groups);

/**
 * What identifies data sets: hashes of their files, or the versions of the packages they come from.
 *
 * @param names - of data sets and groups
 * @param dataDir - folder of data, for sets that are files
 * @throws SaeError `unknown_dataset`, `missing_option`, `file_not_found`, `read_failed`
 */
export function identifyDatasets(names: readonly string[], dataDir: string | undefined): DatasetIdentity[] {
  return findProbingDatasets(names, groups).map((dataset) => ({
    name: dataset.name,
    content:
      typeof dataset.texts === "function"
        ? embeddedOrigins(dataset.name)
        : datasetHash(dataset, dataset.texts, folderFor(dataset, dataDir)),
  }));
}

/**
 * The texts of the data sets that a config names.
 *
 * @param most - texts wanted of each class
 * @throws SaeError `data_changed`, and those of {@link identifyDatasets} and of reading tables
 */
export async function readDatasets(
  identities: readonly DatasetIdentity[],
  dataDir: string | undefined,
  most: number,
): Promise<{ dataset: ProbingDataset; texts: LabelledText[] }[]> {
  const read: { dataset: ProbingDataset; texts: LabelledText[] }[] = [];
  for (const { name, content } of identities) {
    const [dataset] = findProbingDatasets([name], groups);
    const [now] = identifyDatasets([name], dataDir);
    if (now.content !== content) {
      throw new SaeError(
        "data_changed",
        `probing: the texts of ${name} changed since the study was planned; start the command again`,
      );
    }
    // Some will be the same, or of no use.
    read.push({ dataset, texts: await readLabelledTexts(dataset, dataDir ?? "", { most: 4 * most }) });
  }
  return read;
}

function folderFor({ name }: ProbingDataset, dataDir: string | undefined): string {
  if (dataDir !== undefined) return dataDir;
  throw new SaeError(
    "missing_option",
    `probing: data set ${name} needs the folder that its files are in; give it with --probing-data-dir`,
  );
}
