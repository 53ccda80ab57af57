import { fold, key, keyedPermutation } from "@sae/core";
import type { TextDocument } from "@sae/models";
import type { EmbeddedRecipe } from "../recipe.js";
import { brown } from "./brown.js";
import { type CityFacts, cityFacts, cityOrigins, installedCityTables } from "./cityFacts.js";
import { cityDocument } from "./cityStatements.js";
import { code } from "./code.js";
import type { CorpusSource } from "./corpusSource.js";
import { declarations } from "./declarations.js";
import { wordnet } from "./wordnet.js";

/** Texts of one source: those to learn from and those to measure with, each in a shuffled order that is always the same. */
export interface SplitTexts {
  readonly name: string;
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
}

/** Statements about cities: as many rounds as asked for, each with one document about each city. */
export const cities = (facts: readonly CityFacts[], rounds: number, seed: number): CorpusSource => ({
  name: "cities",
  origins: cityOrigins,
  documents: () =>
    Array.from({ length: rounds * facts.length }, (_, i) => ({
      id: `${i}`,
      text: cityDocument(fold(key(seed), "cities", i), facts, facts[i % facts.length] as CityFacts),
    })),
});

/** All sources of a recipe. */
export function corpusSources(recipe: EmbeddedRecipe): {
  sources: readonly CorpusSource[];
  facts: readonly CityFacts[];
} {
  const facts = cityFacts(installedCityTables(), recipe.cities);
  const all = [cities(facts, recipe.cities.rounds, recipe.seed), brown, wordnet, code, declarations];
  return { facts, sources: all.filter(({ name }) => (recipe.mixture[name] ?? 0) > 0) };
}

/** Shuffles the documents of a source by a stream of its name and sets the first of them aside. */
export function splitTexts(
  name: string,
  documents: readonly TextDocument[],
  { heldOut, seed }: Pick<EmbeddedRecipe, "heldOut" | "seed">,
): SplitTexts {
  const place = keyedPermutation(fold(key(seed), "split", name), documents.length);
  const texts = documents.map((_, i) => (documents[place(i)] as TextDocument).text);
  const aside = Math.floor(documents.length * heldOut);
  return { name, train: texts.slice(aside), heldOut: texts.slice(0, aside) };
}
