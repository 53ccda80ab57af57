import { SaeError } from "@sae/core";
import type { ProbingDataset } from "../probingDataset.js";
import { fileDataset, isFileSpec } from "./fileDataset.js";
import { folderDatasets } from "./folderDatasets.js";
import { saebenchDatasets } from "./saebench.js";
import { saeProbesDatasets } from "./saeProbes.js";

/** Data sets that are known by name, in groups that have a name too. */
export const probingDatasets: Readonly<Record<string, readonly ProbingDataset[]>> = {
  saebench: saebenchDatasets,
  folder: folderDatasets,
  "sae-probes": saeProbesDatasets,
};

/**
 * Data sets by their names, by those of groups, or by their files (see {@link fileDataset}), each once.
 *
 * @param groups - what is known; default {@link probingDatasets}
 * @throws SaeError `unknown_dataset`, `bad_option`
 */
export function findProbingDatasets(names: readonly string[], groups = probingDatasets): ProbingDataset[] {
  const all = Object.values(groups).flat();
  const found = names.flatMap((name) => {
    if (isFileSpec(name)) return [fileDataset(name)];
    const chosen = Object.hasOwn(groups, name) ? groups[name] : all.filter((dataset) => dataset.name === name);
    if (chosen.length > 0) return chosen;
    const known = Object.entries(groups).map(
      ([group, datasets]) =>
        `${group} (${datasets.length <= 20 ? datasets.map((one) => one.name).join(", ") : `${datasets.length} sets`})`,
    );
    throw new SaeError(
      "unknown_dataset",
      `probing: no data set is called '${name}'; there are ${known.join("; ")}; files of your own are 'file:PATH?text=COLUMN&label=COLUMN'`,
    );
  });
  const once = [...new Set(found)];
  const twice = once.find(({ name }, i) => once.findIndex((other) => other.name === name) < i);
  if (twice === undefined) return once;
  throw new SaeError(
    "bad_option",
    `probing: needed different names, got two data sets called '${twice.name}'; give one another with '?name=…'`,
  );
}
