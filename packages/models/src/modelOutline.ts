import { SaeError } from "@sae/core";
import { familyOf } from "./families/families.js";
import type { LanguageModel } from "./languageModel.js";
import { loadedModel } from "./loadedModel.js";

/**
 * A model of which nothing is there but its config: for sizes, hooks and costs of a model before it is fetched. Its identity names no weights, and
 * reading one is an error.
 *
 * @param name how the model is asked for
 * @param config as in a Hugging Face config.json
 * @throws SaeError `unknown_family`, `bad_config`, `unsupported_config`
 * @example
 * const { flopsPerToken } = forwardCost(modelOutline("org/name", config), { hook: "blocks.3.hook_resid_post", nCtx: 128 });
 */
export function modelOutline(name: string, config: Readonly<Record<string, unknown>>): LanguageModel {
  const family = familyOf(config);
  return loadedModel({
    name,
    family,
    tokenizer: null,
    identity: { outline: name },
    source: {
      config,
      path: name,
      shapes: family.weights(family.config.parse(config)),
      read: async (weight) => {
        throw new SaeError("no_weights", `${name}: needed the weight '${weight}', got an outline; load the model`);
      },
      close: async () => {},
    },
  });
}
