import { key } from "@sae/core";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { drawTexts, type ProbingSizes } from "./drawTexts.js";
import type { LabelledText } from "./probingDataset.js";

const letters = { name: "letters" };
const sizes: ProbingSizes = { train: 4, test: 2, least: 3 };
/** What the model reads is the text; of an empty one nothing. */
const draw = (texts: readonly LabelledText[], wanted: Partial<ProbingSizes> = {}, dataset = letters) =>
  drawTexts(
    dataset,
    texts,
    texts.map(({ text }) => (text === "" ? null : text)),
    { ...sizes, ...wanted },
    key(1),
  );
const many = (label: string, count: number): LabelledText[] =>
  Array.from({ length: count }, (_, i) => ({ text: `${label}${i}`, label }));
/** Names of the documents of each side, over all classes. */
const documentsOf = (texts: readonly LabelledText[], { classes }: ReturnType<typeof draw>) => ({
  train: new Set(classes.flatMap(({ train }) => train.map((i) => texts[i].document))),
  test: new Set(classes.flatMap(({ test: tests }) => tests.map((i) => texts[i].document))),
});
const sizeOf = ({ name, train, test: tests }: ReturnType<typeof draw>["classes"][number]) => [
  name,
  train.length,
  tests.length,
];

test("as many texts of each class as were asked for, the same ones each time", () => {
  const texts = [...many("b", 20), ...many("a", 20)];
  const drawn = draw(texts);
  expect(drawn.classes.map(sizeOf)).toEqual([
    ["a", 4, 2],
    ["b", 4, 2],
  ]);
  expect(drawn.messages).toEqual([]);
  expect(draw(texts)).toEqual(drawn);
  expect(
    drawTexts(
      letters,
      texts,
      texts.map(({ text }) => text),
      sizes,
      key(2),
    ).classes,
  ).not.toEqual(drawn.classes);
});

test("where there is less, the same proportion of it", () => {
  const { classes, messages } = draw(many("a", 3), { train: 2000, test: 500 });
  expect(classes.map(sizeOf)).toEqual([["a", 2, 1]]);
  expect(messages).toEqual(["letters: class a has 2 texts to train and 1 to test, 2000 and 500 were asked for"]);
  expect(draw(many("a", 10), { train: 2000, test: 500 }).classes.map(sizeOf)).toEqual([["a", 8, 2]]);
});

test("a class with too few texts is left out and said so; the others are kept", () => {
  const { classes, messages } = draw([...many("a", 6), ...many("b", 2)], {}, {
    ...letters,
    classes: [{ name: "a" }, { name: "b" }, { name: "c" }],
  } as typeof letters);
  expect(classes.map(({ name }) => name)).toEqual(["a"]);
  expect(messages).toEqual([
    "letters: class b needs at least 3 texts, there are 2; it is left out",
    "letters: class c needs at least 3 texts, there are 0; it is left out",
  ]);
});

test("labels have names, and other labels are left out", () => {
  const dataset = { ...letters, classes: [{ name: "vowel", labels: ["a", "e"] }] };
  const { classes, counts } = draw([...many("a", 3), ...many("e", 3), ...many("x", 3)], {}, dataset);
  expect(classes.map(sizeOf)).toEqual([["vowel", 4, 2]]);
  expect(counts).toMatchObject({ read: 9, otherLabel: 3 });
});

test("what is read twice is used once, and what is read in two classes not at all", () => {
  const again = [
    { text: "a0", label: "a" },
    { text: "both", label: "a" },
    { text: "both", label: "b" },
    { text: "", label: "a" },
  ];
  const { classes, counts } = draw([...many("a", 4), ...again, ...many("b", 4)], { train: 99, test: 49 });
  expect(classes.map(sizeOf)).toEqual([
    ["a", 3, 1],
    ["b", 3, 1],
  ]);
  expect(counts).toEqual({
    read: 12,
    otherLabel: 0,
    empty: 1,
    duplicates: 1,
    ambiguous: 2,
    noStratum: 0,
    otherSide: 0,
  });
});

describe("documents", () => {
  it("are on one side, and none gives its second text before all gave their first", () => {
    const texts = ["p", "q", "r", "s", "t", "u"].flatMap((document) =>
      many(document, document === "p" ? 50 : 5).map(({ text }) => ({ text, label: "a", document })),
    );
    const { classes } = draw(texts, { train: 8, test: 4 });
    const [train, tests] = [classes[0].train, classes[0].test].map((side) => side.map((i) => texts[i].document));
    expect(new Set(train).size).toBe(4);
    expect(new Set(tests).size).toBe(2);
    expect(train.filter((document) => tests.includes(document))).toEqual([]);
    expect(new Set(train.slice(0, 4)).size).toBe(4);
  });
  it("are on one side whatever the classes and strata of their texts", () => {
    const texts = Array.from({ length: 60 }, (_, i) => i).flatMap((document) =>
      ["a", "b"].flatMap((label) =>
        ["x", "y"].map((stratum) => ({
          text: `${label}${stratum}${document}`,
          label,
          stratum,
          document: `${document}`,
        })),
      ),
    );
    const drawn = draw(texts, { train: 80, test: 40 });
    expect(drawn.classes.map(sizeOf)).toEqual([
      ["a", 80, 40],
      ["b", 80, 40],
    ]);
    const { train, test: tests } = documentsOf(texts, drawn);
    expect([train.size, tests.size, [...tests].filter((document) => train.has(document)).length]).toEqual([40, 20, 0]);
  });
  it("a rare class has its part of both sides, the other class the rest", () => {
    const texts = Array.from({ length: 30 }, (_, i) => [
      { text: `a${i}`, label: "a", document: `${i}` },
      ...(i < 3 ? [{ text: `b${i}`, label: "b", document: `${i}` }] : []),
    ]).flat();
    expect(draw(texts, { train: 20, test: 10 }).classes.map(sizeOf)).toEqual([
      ["a", 20, 10],
      ["b", 2, 1],
    ]);
  });
  it("those with texts in the official test train nothing", () => {
    const texts = many("a", 12).map((text, i) => ({
      ...text,
      document: i < 2 || i > 9 ? "both" : `${i}`,
      split: i < 9 ? ("train" as const) : ("test" as const),
    }));
    const { classes, counts } = draw(texts, { train: 100, test: 100 });
    expect([...classes[0].train].sort()).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect([...classes[0].test].sort()).toEqual([10, 11, 9]);
    expect(counts.otherSide).toBe(2);
  });
  it("are on one side whatever the data", () => {
    const text = fc.record({
      label: fc.constantFrom("a", "b", "c"),
      document: fc.constantFrom("1", "2", "3", "4", "5"),
      stratum: fc.option(fc.constantFrom("x", "y"), { freq: 1, nil: undefined }),
      split: fc.option(fc.constantFrom("train" as const, "test" as const), { freq: 1, nil: undefined }),
    });
    const official = fc.boolean();
    fc.assert(
      fc.property(fc.array(text, { minLength: 10, maxLength: 60 }), official, (rows, isOfficial) => {
        const texts = rows.map(({ split, ...row }, i) => ({ ...row, ...(isOfficial && { split }), text: `${i}` }));
        const { train, test: tests } = documentsOf(texts, draw(texts, { least: 1 }));
        expect([...tests].filter((document) => train.has(document))).toEqual([]);
      }),
    );
  });
  it("without a name are each their own", () => {
    const texts = many("a", 30);
    expect(draw(texts.map((text) => ({ ...text, document: "" })))).toEqual(draw(texts));
  });
  it("a class of one document cannot be split", () => {
    const { classes, messages } = draw(many("a", 5).map((text) => ({ ...text, document: "all" })));
    expect(classes).toEqual([]);
    expect(messages[0]).toBe(
      "letters: class a needs at least 3 texts with some on both sides (4 to train, 0 to test), there are 5; it is left out",
    );
  });
});

test("an official split is kept", () => {
  const texts = many("a", 12).map((text, i) => ({ ...text, split: i < 9 ? ("train" as const) : ("test" as const) }));
  const { classes } = draw(texts, { train: 100, test: 100 });
  expect([...classes[0].train].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect([...classes[0].test].sort((a, b) => a - b)).toEqual([9, 10, 11]);
});

test("strata are balanced within a class", () => {
  const texts = many("a", 30).map((text, i) => ({ ...text, stratum: i < 6 ? "few" : "many" }));
  const { classes } = draw(texts, { train: 100, test: 50 });
  for (const side of [classes[0].train, classes[0].test]) {
    expect(side.filter((i) => i < 6).length).toBe(side.length / 2);
  }
  expect(sizeOf(classes[0])).toEqual(["a", 8, 4]);
});

test("texts without a stratum are left out where others of the class have one", () => {
  const texts = [...many("a", 204), ...many("b", 9)].map((text, i) => {
    if (i < 4) return { ...text, stratum: "" };
    return text.label === "a" ? { ...text, stratum: i % 2 ? "x" : "y" } : text;
  });
  const { classes, counts, messages } = draw(texts, { train: 100, test: 50 });
  expect(classes.map(sizeOf)).toEqual([
    ["a", 100, 50],
    ["b", 6, 3],
  ]);
  expect(classes[0].train.filter((i) => i < 4)).toEqual([]);
  expect(counts).toMatchObject({ read: 213, noStratum: 4 });
  expect(messages).toEqual([
    "letters: class a has 4 texts without a stratum, others have one; they are left out",
    "letters: class b has 6 texts to train and 3 to test, 100 and 50 were asked for",
  ]);
});

test("a stratum that leaves too little of the others is named", () => {
  const texts = many("a", 200).map((text, i) => ({ ...text, stratum: i < 4 ? "few" : "many" }));
  expect(draw(texts, { train: 100, test: 50 }).messages).toEqual([
    "letters: class a has 6 texts to train and 2 to test, 100 and 50 were asked for; strata are balanced, and few has 3 to train and 1 to test",
  ]);
  expect(draw(texts, { train: 100, test: 50, least: 10 }).messages).toEqual([
    "letters: class a needs at least 10 texts, there are 200; strata are balanced, and few has 3 to train and 1 to test; it is left out",
  ]);
});

test("texts whose documents and strata do not mix classes are the ones that recorded studies drew", () => {
  const texts = Array.from({ length: 24 }, (_, i) => ({ text: `t${i}`, label: i % 2 ? "a" : "b" }));
  expect(draw(texts).classes).toEqual([
    { name: "a", train: [23, 19, 17, 9], test: [13, 11] },
    { name: "b", train: [20, 8, 18, 10], test: [12, 16] },
  ]);
  const cut = texts.map((text, i) => ({ ...text, document: `d${i % 12}`, stratum: i % 4 < 2 ? "x" : "y" }));
  expect(draw(cut).classes).toEqual([
    { name: "a", train: [17, 1, 3, 23], test: [21, 7] },
    { name: "b", train: [4, 0, 2, 18], test: [20, 10] },
  ]);
});

test("whatever the data, no reading is in two classes, and no reading or document on two sides", () => {
  const text = fc.record({
    text: fc.constantFrom("", ..."pqrstuvwabcdefghijklmno"),
    label: fc.constantFrom("a", "b"),
    document: fc.option(fc.constantFrom("1", "2", "3"), { nil: undefined }),
    split: fc.option(fc.constantFrom("train" as const, "test" as const), { nil: undefined }),
    stratum: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
      const drawn = draw(texts, { least: 1 });
      const { classes, counts, messages } = drawn;
      const used = classes.flatMap(({ train, test: tests }) => [...train, ...tests]);
      expect(new Set(used.map((i) => texts[i].text)).size).toBe(used.length);
      const { train: trained, test: tested } = documentsOf(texts, drawn);
      expect([...tested].filter((document) => document !== undefined && trained.has(document))).toEqual([]);
      for (const { name, train, test: tests } of classes) {
        for (const i of [...train, ...tests]) expect(texts[i].label).toBe(name);
        expect(train.length).toBeLessThanOrEqual(sizes.train);
        expect(tests.length).toBeLessThanOrEqual(sizes.test);
      }
      expect(counts.read).toBe(texts.length);
      expect(messages.length + classes.length).toBeGreaterThanOrEqual(new Set(texts.map(({ label }) => label)).size);
    }),
  );
});
