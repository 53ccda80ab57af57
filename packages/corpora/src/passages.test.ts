import fc from "fast-check";
import { expect, test } from "vitest";
import { passages } from "./passages.js";

test("a text is cut at ends of lines, into parts of like length", () => {
  const lines = ["def f(x):", "    return x", "", "def g(x):", "    return 2 * x"];
  expect(passages(lines.join("\n"), 30)).toEqual(["def f(x):\n    return x", "def g(x):\n    return 2 * x"]);
  expect(passages(lines.join("\n"), 1000)).toEqual([lines.join("\n")]);
});

test("a long line is cut at spaces, a long word anywhere but inside a character", () => {
  expect(passages("one two three four", 10)).toEqual(["one two", "three four"]);
  expect(passages("abcdef", 4)).toEqual(["abc", "def"]);
  expect(passages("a😀😀b", 3)).toEqual(["a😀", "😀b"]);
});

test("nothing, and nothing but white space", () => {
  expect(passages("", 10)).toEqual([]);
  expect(passages(" \n\t ", 10)).toEqual([]);
});

test("any text: no passage is too long or blank, and nothing but white space is lost", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "bc", " ", "\n", "    ", "😀"), maxLength: 200 });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (whole, longest) => {
      const parts = passages(whole, longest);
      for (const part of parts) {
        expect(part.length).toBeLessThanOrEqual(longest);
        expect(part.trim()).not.toBe("");
        expect(part).not.toMatch(/\p{Cs}/u); // half a character
      }
      expect(parts.join("").replace(/\s/g, "")).toBe(whole.replace(/\s/g, ""));
    }),
  );
});
