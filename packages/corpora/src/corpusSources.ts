import { brown } from "./brown.js";
import { cities } from "./cities.js";
import { type CityFacts, cityFacts, installedCityTables } from "./cityFacts.js";
import { code } from "./code.js";
import type { CorpusSource } from "./corpusSource.js";
import { declarations } from "./declarations.js";
import type { CorpusRecipe } from "./embeddedCorpus.js";
import { wordnet } from "./wordnet.js";

/** All sources that a recipe's mixture names, and the facts that its statements about cities state. */
export function corpusSources(recipe: Pick<CorpusRecipe, "mixture" | "cities" | "seed">): {
  sources: readonly CorpusSource[];
  facts: readonly CityFacts[];
} {
  const facts = cityFacts(installedCityTables(), recipe.cities);
  const all = [cities(facts, recipe.cities.rounds, recipe.seed), brown, wordnet, code, declarations];
  return { facts, sources: all.filter(({ name }) => (recipe.mixture[name] ?? 0) > 0) };
}
