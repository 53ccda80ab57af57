import { beforeAll, expect, test } from "vitest";
import { codeByLanguage } from "./codeByLanguage.js";
import { declarationLanguages } from "./declarations.js";
import type { LabelledText, LabelledTexts } from "./labelledTexts.js";
import { paragraphsByLanguage } from "./paragraphsByLanguage.js";
import { passagesByGenre } from "./passagesByGenre.js";
import { peopleByOccupation } from "./peopleByOccupation.js";

let all: Readonly<Record<"people" | "paragraphs" | "code" | "passages", LabelledTexts>>;
beforeAll(() => {
  all = {
    people: peopleByOccupation(),
    paragraphs: paragraphsByLanguage(),
    code: codeByLanguage(),
    passages: passagesByGenre(),
  };
});

const counts = (texts: readonly LabelledText[]) => {
  const counted: Record<string, number> = {};
  for (const { label } of texts) counted[label] = (counted[label] ?? 0) + 1;
  return counted;
};

test("every text has a label, a document and an origin", () => {
  for (const { origins, texts } of Object.values(all)) {
    expect(origins.length).toBeGreaterThan(0);
    expect(texts.length).toBeGreaterThan(2000);
    expect(texts.filter(({ text, label, document }) => !text.trim() || !label || !document)).toEqual([]);
  }
});

test("people with the one thing that they were", () => {
  const { texts } = all.people;
  const find = (name: string) => texts.filter(({ text }) => text.includes(name));
  expect(find("(Marie Curie,")).toEqual([
    {
      text: expect.stringMatching(/^Curie \(Marie Curie, .*\): French chemist \(born in Poland\) who won two Nobel/),
      label: "chemist",
      document: expect.stringMatching(/^\d{8}$/),
    },
  ]);
  expect(find("(Isaac Newton,")).toEqual([]); // mathematician and physicist
  expect(texts.filter(({ text }) => text.startsWith("Zeus"))).toEqual([]); // a god
  expect(Object.values(counts(texts)).filter((count) => count >= 50).length).toBeGreaterThanOrEqual(10);
});

test("the declaration in languages of many scripts, about as often in each", () => {
  const { texts } = all.paragraphs;
  const languages = counts(texts);
  expect(Object.keys(languages)).toHaveLength(36);
  expect(Object.keys(languages)).toEqual(expect.arrayContaining(Object.values(declarationLanguages)));
  for (const [language, count] of Object.entries(languages)) expect(count, language).toBeGreaterThan(45);
  const scripts = {
    Arabic: /\p{sc=Arab}/u,
    Armenian: /\p{sc=Armn}/u,
    Bengali: /\p{sc=Beng}/u,
    Chinese: /\p{sc=Han}/u,
    French: /\p{sc=Latn}/u,
    Georgian: /\p{sc=Geor}/u,
    Greek: /\p{sc=Grek}/u,
    Hebrew: /\p{sc=Hebr}/u,
    Hindi: /\p{sc=Deva}/u,
    Japanese: /\p{sc=Hira}/u,
    Korean: /\p{sc=Hang}/u,
    Russian: /\p{sc=Cyrl}/u,
    Tamil: /\p{sc=Taml}/u,
    Thai: /\p{sc=Thai}/u,
  };
  for (const [language, script] of Object.entries(scripts)) {
    expect(texts.filter(({ text, label }) => label === language && !script.test(text))).toEqual([]);
  }
});

test("source code in eleven programming languages, whose passages say which file they are of", () => {
  const { texts } = all.code;
  for (const language of ["C", "C++", "HTML", "Java", "JavaScript", "Python", "Shell", "TypeScript"]) {
    expect(counts(texts)[language], language).toBeGreaterThan(150);
  }
  expect(Math.max(...texts.map(({ text }) => text.length))).toBeLessThanOrEqual(1000);
  const python = texts.filter(({ document }) => document === "node-gyp 12.4.0/gyp/gyp_main.py");
  expect(python.map(({ label }) => label)).toContain("Python");
});

test("fifteen genres of Brown, whose samples are cut into passages", () => {
  const { texts } = all.passages;
  expect(Object.keys(counts(texts))).toHaveLength(15);
  for (const genre of ["news", "editorial", "reviews", "religion", "hobbies"]) {
    expect(counts(texts)[genre], genre).toBeGreaterThan(250);
  }
  expect(new Set(texts.map(({ document }) => document)).size).toBe(500);
});
