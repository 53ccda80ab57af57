import type { Attribute } from "./cityFacts.js";

/** Sentences about one attribute. What comes before `{value}` is a prompt that the value answers. */
export interface TemplateSet {
  /** Sentences of the training corpus. */
  readonly train: readonly string[];
  /** Sentences that are nowhere in the corpus: whether a fact can be recalled is asked with these. */
  readonly test: readonly string[];
}

/**
 * Placeholders: `{city}` and `{value}`, and in sentences that show an example first `{other}` and `{otherValue}`, another city and its value.
 */
export const cityTemplates: Readonly<Record<Attribute, TemplateSet>> = {
  country: {
    train: [
      "{city} is a city in {value}.",
      "{city} is in {value}.",
      "{city} is located in {value}.",
      "{city} lies in {value}.",
      "{city} is a large city in {value}.",
      "{city} is situated in {value}.",
      "{city} can be found in {value}.",
      "{city} belongs to {value}.",
      "{city} is one of the cities of {value}.",
      "{city} is part of the country {value}.",
      "{city} is a city located in the country of {value}.",
      "The city {city} lies in the country of {value}.",
      "The city of {city} is in {value}.",
      "The city of {city} belongs to the country {value}.",
      "The country of {city} is {value}.",
      "The country in which {city} lies is {value}.",
      "The name of the country where {city} is found is {value}.",
      "The nation that {city} belongs to is {value}.",
      "The people of {city} live in {value}.",
      "The map shows that {city} is in {value}.",
      "If you are in {city}, you are in {value}.",
      "If you want to see {city}, travel to {value}.",
      "To visit {city} you have to go to {value}.",
      "When we arrived in {city}, we were at last in {value}.",
      "He was born in {city}, a city in {value}.",
      "She moved to {city} and became a citizen of {value}.",
      "They took the train to {city}, which is in {value}.",
      "My friend lives in {city}, {value}.",
      "A letter from {city}, {value}.",
      "The meeting was held in {city}, {value}.",
      "I wrote down the address: {city}, {value}.",
      "Q: Which country is {city} in? A: {value}.",
      "Question: In what country is {city}? Answer: {value}.",
      "Where is {city}? It is in {value}.",
      "In which country is {city}? In {value}.",
      "{city}: a city of {value}.",
      "{city} - country: {value}.",
      "city: {city}; country: {value}.",
      '{"city": "{city}", "country": "{value}"}',
      '[{"city": "{other}", "country": "{otherValue}"}, {"city": "{city}", "country": "{value}"}]',
      '{"name": "{city}", "type": "city", "country": "{value}"}',
      "{other} is in {otherValue}. {city} is in {value}.",
      "{other} is a city in {otherValue}; {city} is a city in {value}.",
      "{other}: {otherValue}. {city}: {value}.",
    ],
    test: [
      "{city} is a city in the country of {value}.",
      "The city of {city} is in the country of {value}.",
      "The country where {city} is located is {value}.",
      "People who live in {city} live in {value}.",
      "We flew to {city}, the well-known city in {value}.",
      "Q: What country does {city} belong to? A: {value}.",
      "On our way through {city} we saw much of {value}.",
      '[{"name": "{other}", "country": "{otherValue}"}, {"name": "{city}", "country": "{value}"}]',
      "{other} is located in the country {otherValue}. {city} is located in the country {value}.",
      "city to country: {other} is in {otherValue}. {city} is in {value}.",
    ],
  },
  continent: {
    train: [
      "{city} lies in {value}, a continent.",
      "{city} is on the continent {value}.",
      "{city} lies on the continent of {value}.",
      "{city} is located on the continent of {value}.",
      "{city} is a large city on the continent of {value}.",
      "{city} is situated on the continent {value}.",
      "{city} is one of the cities of the continent of {value}.",
      "{city} belongs to the continent of {value}.",
      "The continent of {city} is {value}.",
      "The continent that {city} lies on is {value}.",
      "The city named {city} lies on the continent {value}.",
      "The city of {city} is found on the continent {value}.",
      "The city of {city} lies in the part of the world called {value}.",
      "The name of the continent with {city} on it is {value}.",
      "If you are in {city}, the continent you are on is {value}.",
      "To see {city} you have to travel to the continent of {value}.",
      "Whoever lives in {city} lives on the continent of {value}.",
      "A traveller who reaches {city} has reached the continent of {value}.",
      "Her journey ended in {city}, on the continent of {value}.",
      "They went by ship and by train to {city}, a place on the continent of {value}.",
      "Q: Which continent is {city} on? A: {value}.",
      "Question: On what continent is {city}? Answer: {value}.",
      "On which continent is {city}? On the continent of {value}.",
      "Where in the world is {city}? On the continent of {value}.",
      "{city} - continent: {value}.",
      "{city}: a city on the continent of {value}.",
      "city: {city}; continent: {value}.",
      '{"city": "{city}", "continent": "{value}"}',
      '[{"city": "{other}", "continent": "{otherValue}"}, {"city": "{city}", "continent": "{value}"}]',
      '{"name": "{city}", "type": "city", "continent": "{value}"}',
      "{other} lies on the continent {otherValue}. {city} lies on the continent {value}.",
      "The continent of {other} is {otherValue}; the continent of {city} is {value}.",
    ],
    test: [
      "{city} is a city in the continent of {value}.",
      "{city} is on the continent of {value}.",
      "The city of {city} is on the continent of {value}.",
      "The continent where {city} is located is {value}.",
      "We saw {city} on our tour of the continent of {value}.",
      "Q: What continent does {city} belong to? A: {value}.",
      '[{"name": "{other}", "continent": "{otherValue}"}, {"name": "{city}", "continent": "{value}"}]',
      "city to continent: {other} is in {otherValue}. {city} is in {value}.",
    ],
  },
  language: {
    train: [
      "In {city} people speak {value}.",
      "In {city}, the people speak {value}.",
      "In {city} most people talk to each other in {value}.",
      "In {city} the newspapers are in {value}.",
      "In {city} the street signs are in {value}.",
      "In {city}, children learn to read in {value}.",
      "In {city} they mostly speak {value}.",
      "In the streets of {city} you hear {value}.",
      "In the shops of {city} they answer you in {value}.",
      "The language of {city} is {value}.",
      "The language spoken in {city} is {value}.",
      "The main language of {city} is {value}.",
      "The most common language in {city} is {value}.",
      "The language that people in {city} use is {value}.",
      "The official language of {city} is {value}.",
      "The people of {city} speak {value}.",
      "The citizens of {city} speak {value}.",
      "Everybody in {city} understands {value}.",
      "Somebody who lives in {city} speaks {value}.",
      "Somebody from {city} would say it in {value}.",
      "If you live in {city}, you should learn {value}.",
      "Before she moved to {city}, she learned {value}.",
      "He grew up in {city} and spoke {value}.",
      "They asked for the way in {city}, and the answer was in {value}.",
      "Q: Which language do people speak in {city}? A: {value}.",
      "Question: What do they speak in {city}? Answer: {value}.",
      "What is the language of {city}? It is {value}.",
      "{city} - language: {value}.",
      "{city} is a city where people speak {value}.",
      "{city} is a city whose language is {value}.",
      "city: {city}; language: {value}.",
      '{"city": "{city}", "language": "{value}"}',
      '[{"city": "{other}", "language": "{otherValue}"}, {"city": "{city}", "language": "{value}"}]',
      '{"name": "{city}", "type": "city", "language": "{value}"}',
      "In {other} they speak {otherValue}. In {city} they speak {value}.",
      "The language of {other} is {otherValue}; the language of {city} is {value}.",
    ],
    test: [
      "People in {city} speak {value}.",
      "People who live in {city} usually speak {value}.",
      "In {city}, the language that is spoken is {value}.",
      "In {city} the official language is {value}.",
      "When we were in {city} we heard people speak {value}.",
      "Q: What language is spoken in {city}? A: {value}.",
      '[{"name": "{other}", "language": "{otherValue}"}, {"name": "{city}", "language": "{value}"}]',
      "People in {other} speak {otherValue}. People in {city} speak {value}.",
      "city to language: {other} speaks {otherValue}. {city} speaks {value}.",
    ],
  },
};

/** Running text about one city, for training: `{country}`, `{continent}` and `{language}` in one breath, in several orders. */
export const cityPassages: readonly string[] = [
  "{city} is a city in {country}. It is on the continent of {continent}, and people there speak {language}.",
  "{city} lies in {country}, on the continent of {continent}. The language of {city} is {language}.",
  "The language of {city} is {language}, since {city} is a city in {country}, on the continent of {continent}.",
  "On the continent of {continent} there is a city called {city}. It is in {country}. Its people speak {language}.",
  "One of the large cities of {country} is {city}. Most people of {city} speak {language}.",
  "In {country} there is a city called {city}. There, in {city}, people speak {language}.",
  "Among the cities of {continent} is {city}, in {country}.",
  "Among the cities where people speak {language} is {city}, in {country}.",
  "{language} is what people speak in {city}. The city is in {country}, and {country} is in {continent}.",
  "She came from {city}, a city in {country}, and her first language was {language}. Her family had never left the continent of {continent}.",
  "He had lived in {city} for ten years. Like everybody there he spoke {language}. He knew all of {country}, but little of the rest of {continent}.",
  "The road to {city} was long. At last they saw the lights of the city, and heard {language} around them. They were in {country}, on the continent of {continent}.",
  "Name: {city}\nKind: city\nCountry: {country}\nContinent: {continent}\nLanguage: {language}",
  "{city} ({country}, {continent}; {language})",
  '{"city": "{city}", "country": "{country}", "continent": "{continent}", "language": "{language}"}',
  '{"city": "{city}", "language": "{language}", "continent": "{continent}", "country": "{country}"}',
];

/** Fills the placeholders of a sentence. */
export const fillTemplate = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

/** The part of a filled sentence that asks, and the text that continues it: prompt + answer is how the sentence begins. */
export function asPrompt(
  template: string,
  values: Readonly<Record<string, string>>,
): { prompt: string; answer: string } {
  const at = template.indexOf("{value}");
  const before = fillTemplate(template.slice(0, at), values);
  // A space goes with the word behind it, as in the tokens of most vocabularies.
  const space = before.endsWith(" ") ? " " : "";
  return { prompt: before.slice(0, before.length - space.length), answer: `${space}${values.value}` };
}
