import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { SaeError } from "@sae/core";

/**
 * Makes a folder and those that it lies in. Node's own way of doing so never ends where a folder is there in which nothing can be, as in /proc.
 *
 * @throws SaeError `write_failed` in such a folder; what else the system refuses
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await isFolder(folder))) return;
    if (code !== "ENOENT") throw error;
    const parent = dirname(folder);
    if (await isFolder(parent)) {
      throw new SaeError("write_failed", `${message}: nothing can be made in ${parent}; choose another --out`, {
        cause: error,
      });
    }
    await makeFolder(parent);
    await makeFolder(folder);
  }
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false;
