import { type Key, sequence } from "@sae/core";
import type { Attribute, CityFacts } from "./cityFacts.js";
import { cityPassages, cityTemplates, fillTemplate } from "./cityTemplates.js";

/** How often each kind of document is made; the rest are passages. */
const shares = { single: 0.4, list: 0.35 };
const longestList = 5;
/** What a sentence is about, as often as it stands here: there are a hundred and more countries to tell apart, but six continents. */
const asked: readonly Attribute[] = ["country", "country", "country", "language", "language", "continent"];

/** Draws the next of several things. */
const pickFrom =
  (next: () => number) =>
  <T>(items: readonly T[]): T =>
    items[Math.floor(next() * items.length * 2 ** -32)] as T;

/** A sentence about one attribute of a city, made of a training template. */
function statement(
  pick: <T>(items: readonly T[]) => T,
  cities: readonly CityFacts[],
  city: CityFacts,
  attribute: Attribute,
): string {
  const other = pick(cities);
  return fillTemplate(pick(cityTemplates[attribute].train), {
    city: city.city,
    value: city[attribute],
    other: other.city,
    otherValue: other[attribute],
  });
}

/**
 * One document about cities: a sentence, several sentences about different cities, or a passage about one.
 *
 * @param key stream of this document: the same key gives the same text
 * @param subject the city that the document is about first
 */
export function cityDocument(key: Key, cities: readonly CityFacts[], subject: CityFacts): string {
  const next = sequence(key);
  const pick = pickFrom(next);
  const kind = next() * 2 ** -32;
  if (kind < shares.single) return statement(pick, cities, subject, pick(asked));
  if (kind < shares.single + shares.list) {
    const count = 2 + (next() % (longestList - 1));
    const sentences = Array.from({ length: count }, (_, i) =>
      statement(pick, cities, i === 0 ? subject : pick(cities), pick(asked)),
    );
    return sentences.join(pick([" ", "\n"]));
  }
  return fillTemplate(pick(cityPassages), { ...subject });
}
