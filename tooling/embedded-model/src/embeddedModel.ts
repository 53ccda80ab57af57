import { familyOf, type LanguageModel, loadedModel, type Tokenizer, type WeightArrays } from "@sae/models";
import type { EmbeddedRecipe } from "./recipe.js";

/** Family and config of a recipe's model. */
export function embeddedModel(recipe: EmbeddedRecipe, { dVocab, bos, eos }: Pick<Tokenizer, "dVocab" | "bos" | "eos">) {
  /** Content of config.json. */
  const file = {
    ...recipe.model,
    vocab_size: dVocab,
    ...(bos !== null && { bos_token_id: bos }),
    ...(eos !== null && { eos_token_id: eos }),
  };
  const family = familyOf(file);
  return { file, family, config: family.config.parse(file) as unknown };
}

/** The model with weights that are in memory. */
export function modelInMemory(
  { file, family, config }: ReturnType<typeof embeddedModel>,
  weights: WeightArrays,
  tokenizer: Tokenizer,
): LanguageModel {
  const source = {
    config: file,
    path: "memory",
    shapes: family.weights(config),
    read: async (name: string) => weights[name] as Float32Array,
    close: async () => {},
  };
  return loadedModel({ name: "embedded", source, tokenizer, identity: {} });
}
