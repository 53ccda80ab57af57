import { openEmbeddedModel } from "./embeddedModel.js";
import type { LanguageModel } from "./languageModel.js";
import { loadModelFiles } from "./loadModelFiles.js";
import type { LoadModelOptions } from "./loadModelOptions.js";
import { fetchRegistryModel } from "./weights/fetchRegistryModel.js";
import { registry } from "./weights/registry.js";

/** A model that has a name of its own. */
export interface NamedModel {
  readonly name: string;
  readonly title: string;
  /** Fetches it if it must be, and opens it. */
  load(options: LoadModelOptions): Promise<LanguageModel>;
}

/** Models that are fetched once and kept in the cache folder. */
const fetched: readonly NamedModel[] = registry.map(({ name, title }) => ({
  name,
  title,
  async load({ report, tokenizer, ...options }) {
    const { hubSettings } = await import("./hub/hubSettings.js");
    const { offline } = hubSettings(options);
    const path = await fetchRegistryModel(name, { offline, ...(report && { report }) });
    return loadModelFiles({ name, path, ...(tokenizer !== undefined && { tokenizer }) });
  },
}));

/** Every model that `loadModel` knows by name. */
export const namedModels: readonly NamedModel[] = [
  {
    name: "embedded",
    title:
      "5M parameters, trained here; knows the country, continent and language of 800 cities. Comes with the package",
    load: ({ tokenizer }) => openEmbeddedModel(tokenizer),
  },
  ...fetched,
];
