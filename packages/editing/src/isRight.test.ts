import { expect, test } from "vitest";
import { isRight } from "./isRight.js";

const right = (label: string, completion: string, prompt = "x is in", attribute = "Country"): boolean =>
  isRight({ attribute, prompt, label, completion });

test("the shorter of completion and label is the beginning of the longer", () => {
  expect(right("France", " France, and it")).toBe(true);
  expect(right("France", "france")).toBe(true);
  expect(right("Papua New Guinea", " Papua")).toBe(true);
  expect(right("France", " the country France")).toBe(false);
  expect(right("France", " Spain")).toBe(false);
});

test("a completion ends at its first double quote, and says nothing when nothing is left", () => {
  expect(right("France", 'France"}, {"city": "')).toBe(true);
  expect(right("France", ' "France')).toBe(false);
  expect(right("France", " ")).toBe(false);
  expect(right("France", "")).toBe(false);
});

test.each([
  ["United States", " the United States of", true],
  ["United States", " the united front", false],
  ["United Kingdom", " England", true],
  ["United States", " England", false],
  ["South Korea", " Korea", true],
  ["South Korea", " South Korea and", true],
  ["South Korea", " South Africa", false],
  ["North America", " the continent of North America", true],
  ["North America", " NA", true],
  ["North America", " America", true],
  ["North America", " Asia", false],
  ["Mandarin", " Chinese", true],
  ["Mandarin", " Mandarin", true],
  ["Mandarin", " Spanish", false],
])("names with rules of their own: %s, %s", (label, completion, expected) => {
  expect(right(label, completion)).toBe(expected);
});

test("any of several languages, where a language is asked for", () => {
  expect(right("Arabic,Somali", " both Somali and", "the language of x is", "Language")).toBe(true);
  expect(right("Arabic,Somali", " French", "the language of x is", "Language")).toBe(false);
  expect(right("Physics,Chemistry", " for Chemistry", "won the prize in", "Field")).toBe(false);
});

test("coordinates are right to within two degrees, whatever the sign", () => {
  expect(right("-34", "33.9° S", "the latitude of x is", "Latitude")).toBe(true);
  expect(right("-34", "37", '{"city": "x", "lat": "', "Latitude")).toBe(false);
  expect(right("1950", "1951", "won the prize in", "Award Year")).toBe(false);
});

test("offsets of time zones, in winter and in summer", () => {
  const offset = (completion: string) => right("Europe/Copenhagen", completion, '"timezone": "UTC', "Timezone");
  expect(["+1", "+01:00", "+2", "+3", "-1", ""].map(offset)).toEqual([true, true, true, false, false, false]);
  expect(right("Asia/Kolkata", '+5:30"', "timezone: UTC", "Timezone")).toBe(true);
  expect(right("Nowhere/Town", "+1", "timezone: UTC", "Timezone")).toBe(false);
  expect(right("Asia/Kolkata", " Asia/Kolkata", "the zone of x is", "Timezone")).toBe(true);
});
