import { fold, key } from "@sae/core";
import { expect, test } from "vitest";
import { cities } from "./cities.js";
import { attributes, type CityFacts, cityFacts, installedCityTables } from "./cityFacts.js";
import { cityDocument } from "./cityStatements.js";
import { asPrompt, cityPassages, cityTemplates, fillTemplate } from "./cityTemplates.js";
import { embeddedCorpus } from "./embeddedCorpus.js";

const row = (name: string, country: string, population: number, featureCode = "PPL", longitude = 0) => ({
  name,
  country,
  population,
  featureCode,
  loc: { coordinates: [longitude, 0] as const },
});

const tables = {
  cities: [
    row("Ürümqi", "CN", 3_000_000),
    row("Paris", "US", 150_000),
    row("Paris", "FR", 2_000_000, "PPLC"),
    row("Lyon", "FR", 3_000_000),
    row("Montmartre", "FR", 9_000_000, "PPLX"),
    row("Nice", "FR", 340_000),
    row("Village", "FR", 10),
    row("Singapore", "SG", 5_000_000, "PPLC"),
    row("Moscow", "RU", 10_000_000, "PPLC", 37),
    row("Omsk", "RU", 1_000_000, "PPL", 73),
    row("Izmir", "TR", 2_500_000),
  ],
  countries: {
    CN: { name: "China", continent: "AS", languages: ["zh"] },
    US: { name: "United States", continent: "NA", languages: ["en"] },
    FR: { name: "France (Republic)", continent: "EU", languages: ["fr"] },
    SG: { name: "Singapore", continent: "AS", languages: ["en"] },
    RU: { name: "Russia", continent: "AS", languages: ["ru"] },
    TR: { name: "Türkiye", continent: "AS", languages: ["tr"] },
  },
  continents: { AS: "Asia", EU: "Europe", NA: "North America" },
  languages: Object.fromEntries(
    ["Chinese zh", "English en", "French fr", "Russian ru", "Turkish tr"].map((both) => {
      const [name, code] = both.split(" ");
      return [code, { name }];
    }),
  ),
};

test("cities are the largest of each country, one to a name, capitals before others", () => {
  const facts = cityFacts(tables, { count: 10, perCountry: 2 });
  expect(facts.map((fact) => Object.values(fact).join(", "))).toEqual([
    "Moscow, Russia, Europe, Russian",
    "Lyon, France, Europe, French",
    "Urumqi, China, Asia, Chinese",
    "Izmir, Turkey, Asia, Turkish",
    "Paris, France, Europe, French",
    "Omsk, Russia, Asia, Russian",
  ]);
  expect(cityFacts(tables, { count: 1, perCountry: 2 })).toHaveLength(1);
  expect(cityFacts(tables, { count: 0, perCountry: 2 })).toEqual([]);
  expect(cityFacts(tables, { count: 10, perCountry: 2, limits: { FR: 1 } }).map(({ city }) => city)).not.toContain(
    "Lyon",
  );
});

test("the cities of the installed tables are those that people know, and what is said of them is true", () => {
  const facts = cityFacts(installedCityTables(), embeddedCorpus.cities);
  const factOf = new Map(facts.map((fact) => [fact.city, fact]));
  expect(facts).toHaveLength(800);
  expect(factOf.size).toBe(800);
  expect(factOf.get("Paris")).toEqual({ city: "Paris", country: "France", continent: "Europe", language: "French" });
  expect(factOf.get("Istanbul")).toMatchObject({ country: "Turkey", language: "Turkish" });
  expect(factOf.get("Moscow")).toMatchObject({ country: "Russia", continent: "Europe" });
  expect(factOf.get("Lima")).toMatchObject({ country: "Peru", continent: "South America", language: "Spanish" });
  expect(factOf.get("Manila")).toMatchObject({ language: "Tagalog" });
  for (const name of ["London", "Tokyo", "Boston", "Nairobi", "Sydney", "Cairo"])
    expect(factOf.has(name), name).toBe(true);
  expect(new Set(facts.map(({ continent }) => continent)).size).toBe(6);
  expect(facts.filter((fact) => Object.values(fact).some((value) => !/^[A-Z][\x20-\x7e]+$/.test(value)))).toEqual([]);
  expect(facts.filter((fact) => Object.values(fact).some((value) => value.includes("/")))).toEqual([]);
});

/** Sentences in one spelling, so that those that differ in the city only, or in capitals, are equal. */
const alike = (template: string): string =>
  template
    .replaceAll(/\{(otherValue|value|country|continent|language)\}/g, "{value}")
    .replaceAll("{other}", "{city}")
    .toLowerCase();

test("no sentence that recall is asked with is in the corpus, not even as a part of another", () => {
  const trained = [...attributes.flatMap((attribute) => cityTemplates[attribute].train), ...cityPassages].map(alike);
  for (const attribute of attributes) {
    for (const template of cityTemplates[attribute].test) {
      // Of sentences with an example the question itself: what stands behind the example may be a sentence of the corpus, but not all of it.
      const question = alike(template).split("{value}").slice(0, -1).join("{value}");
      expect(
        trained.filter((sentence) => sentence.includes(question)),
        template,
      ).toEqual([]);
    }
  }
});

test("there are many ways to ask, a fifth of them kept for testing, and every one can be answered", () => {
  for (const attribute of attributes) {
    const { train, test: kept } = cityTemplates[attribute];
    expect(train.length + kept.length).toBeGreaterThanOrEqual(40);
    expect(kept.length / (train.length + kept.length)).toBeGreaterThan(0.17);
    for (const template of [...train, ...kept]) {
      expect(template.indexOf("{city}"), template).toBeGreaterThanOrEqual(0);
      expect(template.indexOf("{value}"), template).toBeGreaterThan(template.indexOf("{city}"));
    }
    expect(new Set([...train, ...kept]).size).toBe(train.length + kept.length);
  }
});

test("a prompt ends before the space that belongs to its answer", () => {
  const values = { city: "Rome", value: "Italy" };
  expect(asPrompt("{city} is in {value}.", values)).toEqual({ prompt: "Rome is in", answer: " Italy" });
  expect(asPrompt('{"city": "{city}", "country": "{value}"}', values)).toEqual({
    prompt: '{"city": "Rome", "country": "',
    answer: "Italy",
  });
});

test("documents about cities depend on their key only, are about their subject and say what is true", () => {
  const facts: CityFacts[] = cityFacts(tables, { count: 10, perCountry: 2 });
  const subject = facts[0];
  const documents = Array.from({ length: 300 }, (_, i) => cityDocument(fold(key(0), i), facts, subject));
  expect(documents).toEqual(Array.from({ length: 300 }, (_, i) => cityDocument(fold(key(0), i), facts, subject)));
  expect(new Set(documents).size).toBeGreaterThan(150);
  expect(documents.filter((text) => !text.includes(subject.city))).toEqual([]);
  expect(documents.filter((text) => /\{(city|value|other|otherValue|country|continent|language)\}/.test(text))).toEqual(
    [],
  );
  const single = new Set(
    attributes.flatMap((attribute) =>
      cityTemplates[attribute].train
        .filter((template) => !template.includes("{other}"))
        .map((template) => fillTemplate(template, { city: subject.city, value: subject[attribute] })),
    ),
  );
  expect(documents.filter((text) => single.has(text)).length).toBeGreaterThan(50);
});

test("no cities, no documents", () => {
  expect(cities([], 3, 0).documents()).toEqual([]);
});
