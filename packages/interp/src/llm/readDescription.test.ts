import { expect, test } from "vitest";
import { readDescription } from "./readDescription.js";

test.each([
  ['the word "cat"', 'the word "cat"'],
  ['The unit is active on the word "cat".', 'the word "cat"'],
  ["The unit is active on ... names of months", "names of months"],
  ["Description: names of months", "names of months"],
  ["**Answer:** names of months", "names of months"],
  ['"names of months."', "names of months"],
  ["“names of months”.", "names of months"],
  ['"the" and "a"', '"the" and "a"'],
  ["\n\nHere is the description:\n\nnames of months\n\nThe first passage says so.", "names of months"],
  ["<think>They all\nname months.</think>\nnames of months", "names of months"],
  ["a", "a"],
  ["", null],
  [" \n.", null],
  ["Here it is:", null],
  ["<think>They all name", null],
])("%j", (text, description) => expect(readDescription(text)).toBe(description));
