import { expect, test } from "vitest";
import { joinPairs } from "./joinPairs.js";
import type { KnownPrompt } from "./knownPrompts.js";
import type { EditPair, EditPairs } from "./pairs.js";

/** Pairs of one attribute among so many prompts. */
function pairsOf(attribute: string, prompts: number, places: readonly (readonly [number, number])[]): EditPairs {
  const pairs = places.map(([base, source]) => ({ id: `${base} <- ${source}`, edited: attribute, base, source }));
  return {
    prompts: Array.from({ length: prompts }, (_, i) => ({ text: `${attribute} ${i}` }) as KnownPrompt),
    attributes: [{ attribute, train: pairs as EditPair[], test: pairs.slice(1) as EditPair[] }],
    leftOut: [{ attribute: `not ${attribute}`, code: "too_few_pairs", reason: "few" }],
  };
}

test("pairs of several tables keep their prompts", () => {
  const joined = joinPairs([
    pairsOf("Country", 3, [
      [0, 1],
      [2, 0],
    ]),
    pairsOf("Field", 2, [
      [0, 1],
      [1, 0],
    ]),
  ]);
  const textOf = (at: number) => (joined.prompts[at] as KnownPrompt).text;
  expect(
    joined.attributes.map(({ train, test: other }) =>
      [train, other].map((pairs) => pairs.map(({ base, source }) => `${textOf(base)} <- ${textOf(source)}`)),
    ),
  ).toEqual([
    [["Country 0 <- Country 1", "Country 2 <- Country 0"], ["Country 2 <- Country 0"]],
    [["Field 0 <- Field 1", "Field 1 <- Field 0"], ["Field 1 <- Field 0"]],
  ]);
  expect(joined.leftOut.map(({ attribute }) => attribute)).toEqual(["not Country", "not Field"]);
});

test("attributes keep the kind of entities that they are of", () => {
  const kinds = { Country: "city", Field: "nobel_prize_winner" };
  const parts = Object.entries(kinds).map(([attribute, entityType]): EditPairs => {
    const { attributes, ...part } = pairsOf(attribute, 2, [[0, 1]]);
    return { ...part, attributes: attributes.map((own) => ({ ...own, entityType })) };
  });
  expect(joinPairs(parts).attributes.map(({ attribute, entityType }) => [attribute, entityType])).toEqual(
    Object.entries(kinds),
  );
});

test("one table is itself, and none has no pairs", () => {
  const own = pairsOf("Country", 2, [[1, 0]]);
  expect(joinPairs([own])).toEqual(own);
  expect(joinPairs([])).toEqual({ prompts: [], attributes: [], leftOut: [] });
});

test("two attributes of one name are refused", () => {
  expect(() => joinPairs([pairsOf("Gender", 1, []), pairsOf("Gender", 1, [])])).toThrow("got 'Gender' twice");
});
