import { readFile } from "node:fs/promises";
import { SaeError } from "@sae/core";

/**
 * What a JSON file holds, or null when it is not there.
 *
 * @param damaged code of the error for a file that is not JSON, and what to do then
 * @throws SaeError with that code; what the file system refuses
 */
export async function readJson(path: string, damaged: { code: string; remedy: string }): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SaeError(damaged.code, `${path}: not JSON; ${damaged.remedy}`, { cause });
  }
}
