export {
  type AnyFamily,
  defineFamily,
  type FamilyDefinition,
  type ForwardArguments,
  type ModelSizes,
} from "./defineFamily.js";
export type { LanguageModel } from "./languageModel.js";
export type { TextDocument, TextSource } from "./text/textSource.js";
export type { Encoding, Tokenizer } from "./tokenizers/tokenizer.js";
export type { WeightSource } from "./weights/weightSource.js";
