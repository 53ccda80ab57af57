import { fold, key, sequence } from "@sae/core";
import { describe, expect, test } from "vitest";
import { candidates, patternOf, placesOf } from "./candidates.js";
import { describePatterns } from "./describePatterns.js";
import { indexSequences } from "./indexSequences.js";
import { fitsAt, fitsIn, type Pattern } from "./pattern.js";
import { passes, type TokenTest, testsOf, wordOf } from "./tokenTest.js";

const token = (text: string): TokenTest => ({ kind: "token", text });
const word = (text: string): TokenTest => ({ kind: "word", text });

test("a word is a token without case and spaces; what has no letters stays as it is", () => {
  expect([" The", "the", "tHe "].map(wordOf)).toEqual(["the", "the", "the"]);
  expect([" ", "\n", " 7", "7"].map(wordOf)).toEqual([" ", "\n", " 7", "7"]);
  expect(testsOf(" The")).toEqual([token(" The"), word("the")]);
  for (const text of [" The", ".", ""]) expect(testsOf(text).every((asked) => passes(text, asked))).toBe(true);
  expect(passes(" the", token("the"))).toBe(false);
});

describe("where a pattern fits", () => {
  const tokens = [" She", " was", " born", " here", " in"];
  test.each<[Pattern, number[]]>([
    [{ at: token(" in"), before: [] }, [4]],
    [{ at: token(" In"), before: [] }, []],
    [{ at: word("she"), before: [] }, [0]],
    [{ at: null, before: [{ back: 1, is: token(" born") }] }, [3]],
    [{ at: null, before: [{ back: 4, is: token(" was") }] }, []],
    [{ at: token(" in"), before: [{ back: 2, is: word("born") }] }, [4]],
    [
      {
        at: token(" born"),
        before: [
          { back: 1, is: token(" was") },
          { back: 2, is: token(" She") },
        ],
      },
      [2],
    ],
  ])("%j", (pattern, places) => {
    expect(tokens.flatMap((_, place) => (fitsAt(pattern, tokens, place) ? [place] : []))).toEqual(places);
    expect(fitsIn(pattern, tokens)).toBe(places.length > 0);
  });

  test("nowhere in a text without tokens", () => {
    expect(fitsIn({ at: token("a"), before: [] }, [])).toBe(false);
  });
});

describe("candidates", () => {
  const letters = ["a", "A", " a", "b", " b", "c", ".", " "];
  const texts = Array.from({ length: 12 }, (_, text) => {
    const draw = sequence(fold(key("texts"), text));
    return Array.from({ length: draw() % 9 }, () => letters[draw() % letters.length]);
  });
  const index = indexSequences(texts);
  const all = Array.from(index.sequenceOf.keys());

  test("fit where their pattern does", () => {
    const found = candidates(index, all, { reach: 3, fewestSequences: 1 });
    expect(found.length).toBeGreaterThan(200);
    for (const candidate of found) {
      const pattern = patternOf(index, candidate);
      const expected = all.filter((place) =>
        fitsAt(pattern, texts[index.sequenceOf[place]], place - index.startOf[place]),
      );
      expect(placesOf(index, candidate), JSON.stringify(pattern)).toEqual(expected);
    }
  });

  test("each is found once, and fits active places of as many sequences as asked", () => {
    const active = all.filter((place) => place % 3 === 0);
    const found = candidates(index, active, { reach: 2, fewestSequences: 3 });
    expect(new Set(found.map((candidate) => JSON.stringify(candidate))).size).toBe(found.length);
    for (const candidate of found) {
      const places = placesOf(index, candidate).filter((place) => active.includes(place));
      expect(new Set(places.map((place) => index.sequenceOf[place])).size).toBeGreaterThanOrEqual(3);
    }
  });

  test("without reach they are single tokens", () => {
    const found = candidates(index, all, { reach: 0, fewestSequences: 1 });
    expect(found.every(({ at, before }) => at !== null && before.length === 0)).toBe(true);
  });

  test("none without sequences or active places", () => {
    expect(candidates(indexSequences([]), [], { reach: 2, fewestSequences: 1 })).toEqual([]);
    expect(candidates(index, [], { reach: 2, fewestSequences: 1 })).toEqual([]);
  });
});

test("patterns in words", () => {
  const patterns: Pattern[] = [
    { at: token(" Paris"), before: [] },
    { at: token(" in"), before: [{ back: 1, is: token(" born") }] },
    { at: word("london"), before: [] },
    { at: null, before: [{ back: 1, is: token("\n") }] },
    { at: token(" in"), before: [{ back: 3, is: word("born") }] },
    {
      at: token(" of"),
      before: [
        { back: 1, is: token(" end") },
        { back: 2, is: token(" the") },
      ],
    },
  ];
  expect(describePatterns(patterns)).toBe(
    "‘ Paris’ or ‘london’ in any case; ‘ in’ right after ‘ born’; any token right after ‘↵’; ‘ in’ 3 tokens after ‘born’ in any case; " +
      "‘ of’ right after ‘ the’ ‘ end’",
  );
  expect(describePatterns([])).toBe("no pattern found");
});
