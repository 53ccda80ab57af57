import { readFile } from "node:fs/promises";
import { SaeError } from "@sae/core";

/**
 * A JSON file that holds an object.
 *
 * @param what first words of error messages
 * @param missing what to say when there is no such file
 * @throws SaeError `file_not_found`, `read_failed`, `bad_json`
 */
export async function readJsonObject(path: string, what: string, missing: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new SaeError("file_not_found", `${what}: ${missing}`, { cause });
    throw new SaeError("read_failed", `${what}: ${path}: ${cause.message}`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SaeError("bad_json", `${what}: needed JSON in ${path}, got "${(cause as Error).message}"`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SaeError("bad_json", `${what}: needed an object in ${path}, got ${JSON.stringify(value)?.slice(0, 60)}`);
  }
  return value as Record<string, unknown>;
}
