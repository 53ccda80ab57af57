import { dirname, join } from "node:path";
import { fetchFromHub, type HubOptions } from "@sae/models";
import { loadRavelTable, ravelFileName, ravelParts } from "./ravelFiles.js";
import type { RavelTable } from "./table.js";

/** A data set of the Hugging Face hub that holds RAVEL's json files, in whatever folder. */
export interface RavelRepo extends HubOptions {
  /** "org/name". */
  readonly repo: string;
  /** A commit pins the contents; "main" when left out. */
  readonly revision?: string;
}

/**
 * Fetches the four files of an entity type from the hub, unless they are in the cache, and reads them.
 *
 * @throws SaeError those of `fetchFromHub` and of `loadRavelTable`
 */
export async function fetchRavelTable({ repo, ...options }: RavelRepo, entityType: string): Promise<RavelTable> {
  const names = ravelParts.map((part) => ravelFileName(entityType, part));
  const pattern = new RegExp(`(^|/)(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})$`);
  const { folder, files } = await fetchFromHub({ ...options, repo, kind: "dataset", pattern });
  return loadRavelTable(join(folder, dirname(Object.keys(files)[0] as string)), entityType);
}
