import { describe, expect, test } from "vitest";
import { readNumbers } from "./readNumbers.js";

const read = (text: string, count = 20) => {
  const numbers = readNumbers(text, count);
  return numbers === null ? null : [...numbers];
};

test.each([
  ["3, 8, 20", [3, 8, 20]],
  ["3,8,20.", [3, 8, 20]],
  ["3; 8; 20", [3, 8, 20]],
  ["3 8 20", [3, 8, 20]],
  ["3, 8, and 20", [3, 8, 20]],
  ["3 and 8", [3, 8]],
  ["3\n8\n20", [3, 8, 20]],
  ["- 3\n- 8", [3, 8]],
  ["* 3\n* 8", [3, 8]],
  ["[3, 8]", [3, 8]],
  ['"3, 8"', [3, 8]],
  ["**3, 8**", [3, 8]],
  ["```\n3, 8\n```", [3, 8]],
  ["  7  \n", [7]],
])("a list: %j", (text, numbers) => expect(read(text)).toEqual(numbers));

test.each(["none", "None.", "NONE", '"none"', "None of them.", "none of the passages", "[]", "( )."])(
  "nothing fits: %j",
  (text) => expect(read(text)).toEqual([]),
);

test.each([
  ["The unit is active in: 3, 8", [3, 8]],
  ["Answer: none", []],
  ["Here is the list:\n3, 8", [3, 8]],
  ["Here is the list:\n\n3, 8\n\nThey all mention cats.", [3, 8]],
  ['{"passages": [3, 8]}', [3, 8]],
  ["<think>passage 4: no\n5</think>\n3, 8", [3, 8]],
  ["passage 4: no</think>3, 8", [3, 8]],
])("one list with words around it: %j", (text, numbers) => expect(read(text)).toEqual(numbers));

test("a number twice counts once", () => expect(read("3, 8, 3")).toEqual([3, 8]));

describe("what cannot be read", () => {
  test.each([
    "",
    " \n ",
    "...",
    "no",
    "I cannot tell.",
    "3 of them fit",
    "passages 3 and 8",
    "3-8",
    "3, eight",
    "3, 8, ...",
    "3, 8, none",
    "3.5",
    "-3",
    "Certainly: 3, 8\nPerhaps: 9",
    "1. yes\n2. no",
    "<think>3, 8",
  ])("%j", (text) => expect(read(text)).toBe(null));

  test("numbers out of range, and with them all others", () => {
    expect(read("3, 8", 8)).toEqual([3, 8]);
    expect(read("3, 9", 8)).toBe(null);
    expect(read("0, 3", 8)).toBe(null);
    expect(read("1", 0)).toBe(null);
    expect(read("none", 0)).toEqual([]);
  });
});
