import { describe, expect, it } from "vitest";
import { originalRange, unaligned } from "./alignedText.js";
import { compilePreTokenizer, gpt2Pattern } from "./preTokenizer.js";

const cut = (json: unknown, text: string, first = true) => {
  const words = compilePreTokenizer(json)(
    { text: unaligned(text), ranges: text === "" ? [] : [0, text.length] },
    first,
  );
  const pairs = words.ranges.flatMap((start, index) => (index % 2 === 0 ? [[start, words.ranges[index + 1]]] : []));
  return {
    words: pairs.map(([start, end]) => words.text.text.slice(start, end)),
    originals: pairs.map(([start, end]) => text.slice(...originalRange(words.text, start, end))),
  };
};

const split = (behavior: string, invert = false) => ({ type: "Split", pattern: { String: "-" }, behavior, invert });

describe("compilePreTokenizer", () => {
  // The example of the Rust library's documentation, with a dash at either end.
  it.each([
    ["Removed", false, ["the", "final", "count"]],
    ["Isolated", false, ["-", "the", "-", "final", "-", "-", "count", "-"]],
    ["MergedWithPrevious", false, ["-", "the-", "final-", "-", "count-"]],
    ["MergedWithNext", false, ["-the", "-final", "-", "-count", "-"]],
    ["Contiguous", false, ["-", "the", "-", "final", "--", "count", "-"]],
    ["Removed", true, ["-", "-", "-", "-", "-"]],
  ])("Split %s, inverted: %s", (behavior, invert, words) => {
    expect(cut(split(behavior, invert), "-the-final--count-").words).toEqual(words);
    expect(cut(split(behavior, invert), "").words).toEqual([]);
  });

  it.each([
    ["no pre-tokenizer", null, "a b", ["a b"]],
    [
      "GPT-2's words",
      { type: "ByteLevel", add_prefix_space: false },
      "I'd say 12 times:  hi\n\n x ",
      ["I", "'d", " say", " 12", " times", ":", " ", " hi", "\n\n", " x", " "],
    ],
    ["a space before the first word", { type: "ByteLevel", add_prefix_space: true }, "hi you", [" hi", " you"]],
    ["no second space", { type: "ByteLevel", add_prefix_space: true }, " hi", [" hi"]],
    ["no words", { type: "ByteLevel", add_prefix_space: false, use_regex: false }, "a b", ["a b"]],
    ["single digits", { type: "Digits", individual_digits: true }, "a12b", ["a", "1", "2", "b"]],
    ["digits", { type: "Digits", individual_digits: false }, "a12b", ["a", "12", "b"]],
    ["punctuation", { type: "Punctuation" }, "a, b«", ["a", ",", " b", "«"]],
    ["words and signs", { type: "Whitespace" }, "a_1, b!?", ["a_1", ",", "b", "!?"]],
    ["spaces", { type: "WhitespaceSplit" }, " a,\u0085b ", ["a,", "b"]],
    ["a delimiter", { type: "CharDelimiterSplit", delimiter: "|" }, "a||b", ["a", "b"]],
    ["metaspace", { type: "Metaspace", replacement: "▁", prepend_scheme: "always" }, "a b  c", ["▁a", "▁b", "▁", "▁c"]],
    [
      "metaspace as older files say it",
      { type: "Metaspace", replacement: "▁", add_prefix_space: false },
      "a b",
      ["a", "▁b"],
    ],
    ["metaspace in one", { type: "Metaspace", prepend_scheme: "never", split: false }, "a b", ["a▁b"]],
    [
      "one after the other",
      {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: "\\p{N}{1,3}" }, behavior: "Isolated" },
          { type: "ByteLevel", add_prefix_space: false },
        ],
      },
      "x 12345 y",
      ["x", " ", "123", "45", " y"],
    ],
    // The space that ends a word is followed by nothing there, as the expression sees it.
    [
      "Oniguruma's own writing",
      { type: "Split", pattern: { Regex: "(?i:'s)|\\w++" }, behavior: "Isolated" },
      "A'S é",
      ["A", "'S", " ", "é"],
    ],
  ])("%s", (_, json, text, words) => {
    expect(cut(json, text).words).toEqual(words);
  });

  it("what is put before a word stands for nothing", () => {
    expect(cut({ type: "Metaspace", prepend_scheme: "always" }, "a b")).toEqual({
      words: ["▁a", "▁b"],
      originals: ["a", " b"],
    });
    const eachWord = {
      type: "Sequence",
      pretokenizers: [{ type: "WhitespaceSplit" }, { type: "ByteLevel", add_prefix_space: true, use_regex: false }],
    };
    expect(cut(eachWord, "a  b")).toEqual({ words: [" a", " b"], originals: ["a", "b"] });
  });

  it("a prefix for the first section only", () => {
    const json = { type: "Metaspace", prepend_scheme: "first" };
    expect(cut(json, "a", true).words).toEqual(["▁a"]);
    expect(cut(json, "a", false).words).toEqual(["a"]);
  });

  it("GPT-2's words hold every character", () => {
    const text = "a\u00a0\ufeff\u0085 \t12½ e\u0301 😀'll'";
    expect(
      cut({ type: "Split", pattern: { Regex: gpt2Pattern }, behavior: "Removed", invert: true }, text).words.join(""),
    ).toBe(text);
  });

  it("says what it does not know", () => {
    expect(() => compilePreTokenizer({ type: "UnicodeScripts" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenizer: needed a pre_tokenizer of Sequence, ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, got UnicodeScripts; use a model with another tokenizer]`,
    );
    expect(() =>
      compilePreTokenizer({ type: "Sequence", pretokenizers: [{ type: "ByteLevel" }, { type: "Whitespace" }] }),
    ).toThrow(/ByteLevel pre_tokenizer at the end/);
    expect(() => compilePreTokenizer({ type: "Split", pattern: { String: " " }, behavior: "Sometimes" })).toThrow(
      expect.objectContaining({ code: "invalid_tokenizer" }),
    );
  });
});
