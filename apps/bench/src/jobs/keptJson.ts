import { writeFileAtomic } from "@sae/core";
import { readJson } from "./readJson.js";

const damaged = { code: "corrupt_result", remedy: "delete it to compute it again" };

/**
 * What a JSON file holds; made first, and kept there, when it is not there yet: a job that was killed finds what it had finished.
 *
 * @param make its value must survive JSON
 * @throws SaeError `corrupt_result` for a file that is not JSON, those of `writeFileAtomic`, and what `make` throws
 */
export async function keptJson<Value>(path: string, make: () => Promise<Value>): Promise<Value> {
  const kept = (await readJson(path, damaged)) as Value | null;
  if (kept !== null) return kept;
  const made = await make();
  await writeFileAtomic(path, `${JSON.stringify(made)}\n`);
  return made;
}
