import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlignedText, originalRange, unaligned } from "./alignedText.js";
import { compileNormalizer, normalizeUnicode } from "./normalizer.js";

/** [what a unit is, what it stands for], joined where both are the same range. */
const pairs = (aligned: AlignedText, original: string) =>
  Array.from(aligned.text, (unit, at) => [unit, original.slice(...originalRange(aligned, at, at + 1))]);

const run = (json: unknown, text: string) => {
  const aligned = compileNormalizer(json)(unaligned(text));
  return { text: aligned.text, pairs: pairs(aligned, text) };
};

describe("normalizeUnicode", () => {
  it("a composed character stands for its parts, parts stand for the whole", () => {
    const composed = "e\u0301t\u00e9";
    expect(run({ type: "NFC" }, composed).pairs).toEqual([
      ["é", "e\u0301"],
      ["t", "t"],
      ["é", "é"],
    ]);
    expect(run({ type: "NFD" }, "té").pairs).toEqual([
      ["t", "t"],
      ["e", "é"],
      ["\u0301", "é"],
    ]);
    expect(run({ type: "NFKC" }, "ﬁn").pairs).toEqual([
      ["f", "ﬁ"],
      ["i", "ﬁ"],
      ["n", "n"],
    ]);
  });

  it("composes Hangul and halfwidth kana", () => {
    expect(run({ type: "NFC" }, "a\u1112\u1161\u11abb").pairs).toEqual([
      ["a", "a"],
      ["한", "\u1112\u1161\u11ab"],
      ["b", "b"],
    ]);
    expect(run({ type: "NFKC" }, "ｶﾞ").pairs).toEqual([["ガ", "ｶﾞ"]]);
  });

  it("gives the normal form of any text, in order and without a gap", () => {
    const characters = [..."aeé\u0301\u0327\u0323 ﬁ½Å\u1112\u1161\u11ab한カﾞ😀\u05d0\u05bc\u09c7\u09be"];
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...characters, "\ud800") }));
    fc.assert(
      fc.property(text, fc.constantFrom("NFC", "NFD", "NFKC", "NFKD"), (value, form) => {
        const aligned = normalizeUnicode(unaligned(value), form as "NFC");
        expect(aligned.text).toBe(value.normalize(form));
        let covered = 0;
        for (let at = 0; at < aligned.text.length; at++) {
          const [start, end] = originalRange(aligned, at, at + 1);
          expect(start).toBeLessThanOrEqual(covered);
          covered = end;
        }
        expect(covered).toBe(value.length);
      }),
      { numRuns: 300 },
    );
  });

  it("nothing of Unicode composes across the runs that it is done in: a letter behind stands for itself", () => {
    for (let codePoint = 0x80; codePoint < 0x30000; codePoint++) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const character = String.fromCodePoint(codePoint);
      const [parts, compatible] = [character.normalize("NFD"), character.normalize("NFKD")];
      if (compatible === character) continue;
      for (const [form, text] of [
        ["NFC", `\u00c5${parts}x`],
        ["NFKC", `\u1100${character}x`], // a Hangul consonant composes with what becomes a vowel
        ["NFKD", `a${character}x`],
      ] as const) {
        const aligned = normalizeUnicode(unaligned(text), form);
        const { length } = aligned.text;
        expect(aligned.text).toBe(text.normalize(form));
        const last = originalRange(aligned, length - 1, length);
        if (last[0] !== text.length - 1)
          throw new Error(`${form} of U+${codePoint.toString(16)}: x stands for ${last}`);
      }
    }
  });
});

describe("compileNormalizer", () => {
  it.each([
    ["nothing", null, "Ab", "Ab"],
    ["lower case, character by character", { type: "Lowercase" }, "ΣΑΣ İ", "σασ i̇"],
    ["accents off", { type: "Sequence", normalizers: [{ type: "NFD" }, { type: "StripAccents" }] }, "é̂ü", "eu"],
    ["strip", { type: "Strip", strip_left: true, strip_right: true }, " \n a b\t", "a b"],
    ["strip left", { type: "Strip", strip_left: true, strip_right: false }, " a ", "a "],
    ["prepend", { type: "Prepend", prepend: "▁" }, "a", "▁a"],
    ["prepend to nothing", { type: "Prepend", prepend: "▁" }, "", ""],
    ["replace text", { type: "Replace", pattern: { String: " " }, content: "▁" }, "a  b", "a▁▁b"],
    ["replace text of several units", { type: "Replace", pattern: { String: ".." }, content: "…" }, "a...b", "a….b"],
    ["replace expression", { type: "Replace", pattern: { Regex: " {2,}" }, content: " " }, "a   b c", "a b c"],
  ])("%s", (_, json, text, expected) => {
    expect(run(json, text).text).toBe(expected);
  });

  it("says what it does not know", () => {
    expect(() =>
      compileNormalizer({ type: "Precompiled", precompiled_charsmap: "" }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenizer: needed a normalizer of Sequence, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace, got Precompiled; use a model with another tokenizer]`,
    );
    expect(() => compileNormalizer({ type: "Prepend" })).toThrowErrorMatchingInlineSnapshot(`
      [SaeError: tokenizer: normalizer Prepend: ✖ Invalid input: expected string, received undefined
        → at prepend; fetch the file again]
    `);
    expect(() => compileNormalizer({ type: "Replace", pattern: { Regex: "(" }, content: "" })).toThrow(
      /pattern .* is no regular expression/,
    );
  });
});
