import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where files that were fetched once are kept: `SAE_CACHE`, else `XDG_CACHE_HOME`/sae, else ~/.cache/sae.
 *
 * @param environment variables; an empty one counts as unset
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment.SAE_CACHE || join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "sae");
}
