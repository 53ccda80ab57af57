export { brown } from "./brown.js";
export { byText } from "./byText.js";
export { cities } from "./cities.js";
export {
  type Attribute,
  attributes,
  type CityChoice,
  type CityFacts,
  type CityRow,
  type CityTables,
  type CountryRow,
  cityFacts,
  cityOrigins,
  installedCityTables,
} from "./cityFacts.js";
export { cityDocument } from "./cityStatements.js";
export { asPrompt, cityPassages, cityTemplates, fillTemplate, type TemplateSet } from "./cityTemplates.js";
export { code } from "./code.js";
export { codeByLanguage } from "./codeByLanguage.js";
export type { CorpusSource, Origin } from "./corpusSource.js";
export { corpusSources } from "./corpusSources.js";
export { declarations } from "./declarations.js";
export { type CorpusRecipe, embeddedCorpus } from "./embeddedCorpus.js";
export { embeddedTexts } from "./embeddedTexts.js";
export type { LabelledText, LabelledTexts } from "./labelledTexts.js";
export { paragraphsByLanguage } from "./paragraphsByLanguage.js";
export { passages } from "./passages.js";
export { passagesByGenre } from "./passagesByGenre.js";
export { peopleByOccupation } from "./peopleByOccupation.js";
export { type SplitTexts, splitTexts } from "./splitTexts.js";
export { wordnet } from "./wordnet.js";
