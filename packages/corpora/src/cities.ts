import { fold, key } from "@sae/core";
import { type CityFacts, cityOrigins } from "./cityFacts.js";
import { cityDocument } from "./cityStatements.js";
import type { CorpusSource } from "./corpusSource.js";

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
