import { stat } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { closestNames } from "./closestNames.js";
import { fetchModelFromHub } from "./hub/fetchModelFromHub.js";
import { parseHubReference } from "./hub/hubReference.js";
import type { LanguageModel } from "./languageModel.js";
import { loadModelFiles } from "./loadModelFiles.js";
import type { LoadModelOptions } from "./loadModelOptions.js";
import { namedModels } from "./namedModels.js";

/**
 * Loads a language model. `reference` is
 *
 * - a name of {@link namedModels}: `tinyllama-1.1b`,
 * - a path: a folder with config.json and safetensors, a .gguf file, a .bin file of llama2.c,
 * - a model of the Hugging Face hub: `org/name`, `org/name@revision`, `org/name:file.gguf`.
 *
 * The first of these that there is. Weights are read when a program first needs them.
 *
 * @throws SaeError `unknown_model`; those of `loadModelFiles`, of `fetchFromHub`, of `fetchRegistryModel`
 * @example
 * const model = await loadModel("tinyllama-1.1b");
 */
export async function loadModel(reference: string, options: LoadModelOptions = {}): Promise<LanguageModel> {
  const named = namedModels.find(({ name }) => name === reference);
  if (named) return named.load(options);
  const tokenizer = options.tokenizer !== undefined && { tokenizer: options.tokenizer };
  if (await exists(reference)) return loadModelFiles({ name: reference, path: reference, ...tokenizer });
  const hub = looksLikeFile(reference) ? null : parseHubReference(reference);
  if (hub === null) throw unknownModel(reference);
  const { folder, repo, commit } = await fetchModelFromHub({ ...options, ...hub });
  const path = hub.file === undefined ? folder : join(folder, hub.file);
  return loadModelFiles({ name: reference, path, origin: { repo, commit }, ...tokenizer });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** "models/tiny.gguf" could be a repository's name, but who writes it means a file. */
const looksLikeFile = (reference: string): boolean => /^[^:]*\.(gguf|bin|safetensors|json)$/.test(reference);

function unknownModel(reference: string): SaeError {
  const names = closestNames(
    reference,
    namedModels.map(({ name }) => name),
  );
  return new SaeError(
    "unknown_model",
    `load model: needed a path, a model of the hub such as "org/name", or a name (closest: ${names.join(", ")}), got "${reference}", where there is nothing; check the path or the name`,
  );
}
