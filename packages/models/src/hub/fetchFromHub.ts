import { SaeError } from "@sae/core";
import type { HubRepoOptions, HubSnapshot } from "./hubRepo.js";
import { openHubRepo } from "./openHubRepo.js";

/** What is fetched: named files, or all whose path matches. */
export type FetchFromHubOptions = HubRepoOptions &
  (
    | { readonly files: readonly string[]; readonly pattern?: never }
    | { readonly pattern: RegExp; readonly files?: never }
  );

/**
 * Files of a repository of the Hugging Face hub, fetched unless they are in the cache.
 *
 * The revision is resolved to a commit first, and the folder is that commit's: two revisions never mix. With a commit as revision and all files in
 * the cache there is no request at all. A download that broke off continues where it stopped; contents are checked against the hashes
 * that the hub keeps. Offline, `pattern` sees what is in the cache.
 *
 * @throws SaeError `bad_reference`, `hub_repo_not_found`, `hub_revision_not_found`, `hub_file_not_found`, `hub_gated`, `hub_token_rejected`,
 *   `hub_forbidden`, `hub_unreachable`, `hub_interrupted`, `hub_stalled`, `hub_failed`, `hub_answer_invalid`, `hub_offline`, `checksum_mismatch`,
 *   `disk_full`
 * @example
 * const { folder } = await fetchFromHub({ repo: "fancyzhx/ag_news", kind: "dataset", pattern: /^data\/test-.*\.parquet$/ });
 */
export async function fetchFromHub(options: FetchFromHubOptions): Promise<HubSnapshot> {
  const repo = await openHubRepo(options);
  const { files, pattern } = options;
  if (files) return repo.fetch(files);
  const paths = (await repo.paths({ recursive: true })).filter((path) => path.search(pattern) >= 0);
  if (paths.length > 0) return repo.fetch(paths);
  throw repo.settings.offline
    ? new SaeError(
        "hub_offline",
        `fetch ${repo.name}: offline, and no file in the cache matches ${pattern}; run once without HF_HUB_OFFLINE`,
      )
    : new SaeError("hub_file_not_found", `fetch ${repo.name}: no file matches ${pattern}; look at its list of files`);
}
