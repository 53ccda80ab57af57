import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SaeError } from "@sae/core";
import type { LanguageModel } from "./languageModel.js";
import { loadModelFiles } from "./loadModelFiles.js";

/** Where the package has its model: beside src, and beside dist. */
const folder = fileURLToPath(new URL("../embedded", import.meta.url));

/**
 * Opens the small language model that comes with this package; its card is `embedded/README.md`.
 *
 * @param tokenizer see `LoadModelOptions`
 * @throws SaeError `file_not_found` when the package is not whole
 */
export async function openEmbeddedModel(tokenizer?: string | null): Promise<LanguageModel> {
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) {
    throw new SaeError(
      "file_not_found",
      "load embedded: needed the model's folder in the package @sae/models, found none; install the package again",
    );
  }
  return loadModelFiles({ name: "embedded", path: folder, ...(tokenizer !== undefined && { tokenizer }) });
}
