import { stat } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import picomatch from "picomatch";
import { type HubReference, parseHubReference } from "../hub/hubReference.js";
import type { HubProgress } from "../hub/hubRepo.js";
import type { HubOptions } from "../hub/hubSettings.js";
import { openHubRepo } from "../hub/openHubRepo.js";
import { fileFormat, textExtensions } from "./textFormats.js";

/** How the hub is reached, and who is told how far it is. */
export interface FetchTextsOptions extends HubOptions {
  /** Told how far a download is. */
  readonly onProgress?: (progress: HubProgress) => void;
}

const prefix = "hf:";

/**
 * Paths of texts on this machine. What is a path stays as it is; of a data set of the Hugging Face hub, the files are fetched unless they are in the
 * cache. `hf:org/name`, `hf:org/name@revision` and, for a file, a folder or a pattern in it, `hf:org/name:data/train-*.parquet` are data sets. Without
 * `hf:` the same is one only where no file or folder has this name.
 *
 * Of a data set, or the part that is named, all files with documents are taken (`.txt`, `.jsonl`, `.csv`, `.tsv`, `.parquet`, each also `.gz`), whatever
 * split they belong to. Offline these are the ones in the cache.
 *
 * @throws SaeError `bad_reference`, `hub_file_not_found`, `hub_offline`, and those of `fetchFromHub`
 */
export async function fetchTexts(spec: string | readonly string[], options: FetchTextsOptions = {}): Promise<string[]> {
  const paths: string[] = [];
  for (const text of typeof spec === "string" ? [spec] : spec) paths.push(...(await fetchOne(text, options)));
  return paths;
}

async function fetchOne(text: string, options: FetchTextsOptions): Promise<string[]> {
  if (text.startsWith(prefix)) {
    const reference = parseHubReference(text.slice(prefix.length));
    if (reference !== null) return fetchDataset(reference, options);
    throw new SaeError(
      "bad_reference",
      `fetch texts: needed a data set such as "hf:org/name", "hf:org/name@revision" or "hf:org/name:data/*.parquet", got "${text}"; correct it`,
    );
  }
  // "data/wiki.txt" could be a repository's name, but who writes it means a file.
  const reference = fileFormat(text) === undefined || text.includes(":") ? parseHubReference(text) : null;
  if (reference === null || (await exists(text))) return [text];
  return fetchDataset(reference, options).catch((cause: unknown) => {
    if (!(cause instanceof SaeError)) throw cause;
    throw new SaeError(cause.code, `${cause.message} (there is no file or folder ${text} here either)`, { cause });
  });
}

async function fetchDataset({ file: part, ...reference }: HubReference, options: FetchTextsOptions): Promise<string[]> {
  const repo = await openHubRepo({ ...options, ...reference, kind: "dataset" });
  const isWanted = part === undefined ? () => true : picomatch([part, `${part.replace(/\/$/, "")}/**`]);
  const there = await repo.paths({ recursive: true });
  const wanted = there.filter((path) => fileFormat(path) !== undefined && isWanted(path));
  if (wanted.length > 0) {
    const { folder } = await repo.fetch(wanted);
    return wanted.map((path) => join(folder, path));
  }
  const which = `${part === undefined ? "no file" : `no file of ${part}`} ends in ${textExtensions.join(", ")}`;
  throw repo.settings.offline
    ? new SaeError(
        "hub_offline",
        `fetch ${repo.name}: offline, and in the cache ${which}; run once without HF_HUB_OFFLINE`,
      )
    : new SaeError(
        "hub_file_not_found",
        `fetch ${repo.name}: ${which}; its files are ${there.slice(0, 20).join(", ")}${there.length > 20 ? ", …" : ""}`,
      );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
