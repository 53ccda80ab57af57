import { access } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensors, SaeError } from "@sae/core";
import { readJson } from "./readJson.js";

/** What jobs leave beside their results for others to read. */
const left: Readonly<Record<string, readonly string[]>> = {
  train: ["cfg.json", "sae_weights.safetensors"],
  harvest: ["evaluation.safetensors"],
};

/**
 * Whether what a job left for others is there, and whole as far as its headers say. A job that reads it would say what to do with a file of the user's, and
 * nothing that the user did with this one but deleting its folder would help.
 *
 * @param kind of the job whose folder it is
 * @throws SaeError `corrupt_result`
 */
export async function checkFilesLeft(kind: string, folder: string): Promise<void> {
  const remedy = `delete ${folder} to compute it again`;
  for (const name of left[kind] ?? []) {
    const path = join(folder, name);
    await access(path).catch((cause) => {
      throw new SaeError("corrupt_result", `${path}: needed what a finished job left, got nothing there; ${remedy}`, {
        cause,
      });
    });
    if (name.endsWith(".json")) await readJson(path, { code: "corrupt_result", remedy });
    else await checkSafetensors(path, remedy);
  }
}

async function checkSafetensors(path: string, remedy: string): Promise<void> {
  try {
    await (await openSafetensors(path)).close();
  } catch (cause) {
    throw new SaeError("corrupt_result", `${path}: needed what a finished job left, got a damaged file; ${remedy}`, {
      cause,
    });
  }
}
