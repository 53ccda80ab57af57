import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteName } from "./byteLevel.js";
import { pieceType, type SentencePieceModel, sentencePieceTokenizer } from "./sentencePieceTokenizer.js";
import { plainSentencePiece } from "./sentencePieceTokenizer.testkit.js";
import { anyText, expectTrueOffsets, wellFormed } from "./tokenizer.testkit.js";

/** <unk>, <s>, </s>, all bytes unless left out, and pieces with scores. */
function model(
  pieces: readonly (readonly [string, number, number?])[],
  more: object = {},
  bytes = 256,
): SentencePieceModel {
  const rows: (readonly [string, number, number?])[] = [
    ["<unk>", 0, pieceType.unknown],
    ["<s>", 0, pieceType.control],
    ["</s>", 0, pieceType.control],
    ...Array.from({ length: bytes }, (_, byte) => [byteName(byte), 0, pieceType.byte] as const),
    ...pieces,
  ];
  return {
    tokens: rows.map(([token]) => token),
    scores: rows.map(([, score]) => score),
    types: rows.map(([, , type]) => type ?? pieceType.normal),
    bos: 1,
    eos: 2,
    unknown: 0,
    ...more,
  };
}
const read = (model: SentencePieceModel, text: string) => {
  const tokenizer = sentencePieceTokenizer(model);
  const { ids, offsets } = tokenizer.encode(text, { bos: false });
  return {
    tokens: ids.map((id) => tokenizer.tokenText(id)),
    slices: offsets.map(([start, end]) => text.slice(start, end)),
  };
};

const letters = [
  ["a", -10],
  ["b", -11],
  ["c", -12],
  ["▁", -13],
] as const;
const small = model([
  ["ab", -2],
  ["bc", -1],
  ["▁a", -3],
  ["abc", -4],
  ["▁abc", -5],
  ["aa", -3],
  ["aaaa", -6],
  ...letters,
]);

describe("sentencePieceTokenizer", () => {
  it("makes the merge with the best score first, worked by hand", () => {
    // ▁abc: bc (−1), then ▁a (−3; ab is gone), then the two of them are ▁abc (−5).
    expect(read(small, "abc")).toEqual({ tokens: [" abc"], slices: ["abc"] });
    // ▁ab: ab, then nothing makes ▁ab.
    expect(read(small, "ab")).toEqual({ tokens: [" ", "ab"], slices: ["", "ab"] });
    // ▁aaa: ▁a and aa have the same score: the leftmost first; then aa of what is left.
    expect(read(small, "aaa")).toEqual({ tokens: [" a", "aa"], slices: ["a", "aa"] });
    expect(read(small, "baaaa c").tokens).toEqual([" ", "b", "aaaa", " ", "c"]);
  });

  it("characters in no piece are bytes, or unknown", () => {
    expect(read(small, "a😀")).toEqual({
      tokens: [" a", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>"],
      slices: ["a", "😀", "😀", "😀", "😀"],
    });
    const withoutBytes = model([...letters], {}, 0);
    expect(read(withoutBytes, "xya z")).toEqual({
      tokens: [" ", "<unk>", "a", " ", "<unk>"],
      slices: ["", "xy", "a", " ", "z"],
    });
    expect(read({ ...withoutBytes, unknown: null }, "xa").tokens).toEqual([" ", "a"]);
  });

  it("a piece can be made of characters that are no pieces themselves", () => {
    const tokenizer = model([
      ["xy", -1],
      ["▁", -2],
    ]);
    expect(read(tokenizer, "xyx")).toEqual({ tokens: [" ", "xy", "<0x78>"], slices: ["", "xy", "x"] });
  });

  it("user-defined pieces are found first, unused ones never made", () => {
    const defined = model([...letters, ["bc▁a", 0, pieceType.userDefined], ["ab", -1], ["aa", 0, pieceType.unused]]);
    expect(read(defined, "abc aa")).toEqual({ tokens: [" ", "a", "bc a", "a"], slices: ["", "a", "bc a", "a"] });
    expect(read(defined, "aab").tokens).toEqual([" ", "a", "ab"]);
  });

  it("names of control tokens are text, and the text cannot begin twice", () => {
    const tokenizer = sentencePieceTokenizer(small);
    expect(tokenizer.encode("<s>").ids.filter((id) => tokenizer.special.has(id))).toEqual([1]);
    expect(tokenizer.encode("<s>", { bos: true }).ids.filter((id) => id === 1)).toHaveLength(1);
    expect(tokenizer.decode(tokenizer.encode("<s> a").ids)).toBe("<s> a");
    expect(tokenizer.encode("")).toEqual({ ids: [1], offsets: [[0, 0]] });
    expect(sentencePieceTokenizer({ ...small, addsBos: false }).encode("").ids).toEqual([]);
  });

  it("without a space before the text", () => {
    const bare = { ...small, addSpacePrefix: false };
    expect(read(bare, "abc a")).toEqual({ tokens: ["abc", " a"], slices: ["abc", " a"] });
    expect(sentencePieceTokenizer(bare).decode(sentencePieceTokenizer(bare).encode("  a").ids)).toBe("  a");
  });

  it("does what the plain loop does, whatever the pieces", () => {
    const piece = fc.string({ unit: fc.constantFrom(..."aabc▁é😀"), minLength: 1, maxLength: 5 });
    const pieces = fc.uniqueArray(fc.tuple(piece, fc.integer({ min: -6, max: 0 })), {
      selector: ([text]) => text,
      maxLength: 25,
    });
    fc.assert(
      fc.property(
        pieces,
        fc.string({ unit: fc.constantFrom(..."aaabc é😀\ud800"), maxLength: 30 }),
        fc.boolean(),
        (rows, text, bytes) => {
          const random = model(rows, {}, bytes ? 256 : 0);
          expect(sentencePieceTokenizer(random).encode(text, { bos: false }).ids).toEqual(
            plainSentencePiece(random, text),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("gives back every text, with ▁ as a space", () => {
    const tokenizer = sentencePieceTokenizer(small);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(wellFormed(text).replaceAll("▁", " "));
        expectTrueOffsets(tokenizer, text, !text.includes("▁"));
      }),
    );
  });

  it("takes a million characters, whatever they are", () => {
    const tokenizer = sentencePieceTokenizer(small);
    expect(tokenizer.encode("a".repeat(1_000_000), { bos: false }).ids).toHaveLength(250_002); // ▁a, 249 999 fours, aa, a
    const words = "abc a cab ".repeat(100_000);
    expect(tokenizer.decode(tokenizer.encode(words).ids)).toBe(words);
  });

  it("needs a score and a type for each token", () => {
    expect(() => sentencePieceTokenizer({ ...small, scores: [0] })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenizer: needed a score and a type for 270 tokens, got 1, 270; fetch the file again]`,
    );
    expect(() => sentencePieceTokenizer(model([["byte", 0, pieceType.byte]]))).toThrow(/said to be a byte/);
  });
});
