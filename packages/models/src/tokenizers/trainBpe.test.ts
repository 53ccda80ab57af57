import * as library from "@huggingface/tokenizers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { huggingFaceTokenizer } from "./huggingFaceTokenizer.js";
import { anyText, expectTrueOffsets, wellFormed } from "./tokenizer.testkit.js";
import { trainBpe } from "./trainBpe.js";

interface Trained {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly [string, string][] };
}
const train = async (texts: readonly string[], options: Parameters<typeof trainBpe>[1]) => {
  const { json, config } = await trainBpe(texts, options);
  return { json, config, ...(json as unknown as Trained).model, tokenizer: huggingFaceTokenizer(json, config) };
};

const texts = [
  "The cat sat on the mat. The cat ate; the mat didn't.\n\nIn 1995, 12 cats sat on 3 mats.\n",
  "  indented\twith tabs\r\n    and more  \n",
  "Żółć, naïve café — 東京 and 😀😀.",
];

describe("trainBpe", () => {
  it("merges the most frequent neighbours first, worked by hand", async () => {
    // Words: " ab" 3 times, "ab" once, " b" twice. Neighbours: a b 4, ␣a 3, ␣b 2; after ab: ␣ab 3.
    const { merges } = await train(["ab ab ab ab b b"], { size: 300 });
    expect(merges).toEqual([
      ["a", "b"],
      [" ", "ab"],
      [" ", "b"],
    ]);
  });

  it("makes the merges that counting anew before each one makes", async () => {
    const { merges } = await train(texts, { size: 400, coverage: 1 });
    const words = texts.flatMap((text) => cutWords(text)).map((word) => [...word]);
    for (const [left, right] of merges) {
      const counts = new Map<string, number>();
      for (const word of words) {
        for (let at = 0; at + 1 < word.length; at++) {
          const pair = JSON.stringify([word[at], word[at + 1]]);
          counts.set(pair, (counts.get(pair) ?? 0) + 1);
        }
      }
      expect(counts.get(JSON.stringify([left, right]))).toBe(Math.max(...counts.values()));
      for (const word of words) {
        for (let at = 0; at + 1 < word.length; at++) {
          if (word[at] === left && word[at + 1] === right) word.splice(at, 2, left + right);
        }
      }
    }
    expect(merges.length).toBe(18);
  });

  it("has the size asked for, or less when the texts do not give more", async () => {
    const letters = "abcdefghij";
    const long = Array.from({ length: 1000 }, (_, index) =>
      [...`${index}`].map((digit) => letters[+digit]).join(""),
    ).join(" ");
    const { tokenizer, vocab } = await train([long], { size: 320 });
    expect([tokenizer.dVocab, Object.keys(vocab).length]).toEqual([320, 320]);
    expect((await train(["a"], { size: 5000 })).tokenizer.dVocab).toBe(260);
    expect((await train([], { size: 300 })).tokenizer.dVocab).toBe(259);
    await expect(trainBpe([], { size: 100 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: trainBpe: needed a whole size of at least 300, got 100; raise it]`,
    );
  });

  it("begins with the special tokens and the bytes; texts begin with <s>", async () => {
    const { tokenizer, vocab } = await train(texts, { size: 400 });
    expect([vocab["<unk>"], vocab["<s>"], vocab["</s>"], vocab["<0x00>"], vocab["<0xFF>"]]).toEqual([0, 1, 2, 3, 258]);
    expect([tokenizer.bos, tokenizer.eos, tokenizer.addsBos, [...tokenizer.special]]).toEqual([1, 2, true, [0, 1, 2]]);
    expect(tokenizer.encode("").ids).toEqual([1]);
  });

  it("depends on the texts, not on their order, and not on how they come", async () => {
    async function* slowly() {
      yield* texts;
    }
    const once = JSON.stringify(await trainBpe(texts, { size: 400 }));
    expect(JSON.stringify(await trainBpe([...texts].reverse(), { size: 400 }))).toBe(once);
    expect(JSON.stringify(await trainBpe(slowly(), { size: 400 }))).toBe(once);
  });

  it("rare characters become bytes and are never part of a merge", async () => {
    const { vocab, tokenizer } = await train([`${"a b ".repeat(2000)}žž žž`], { size: 400, coverage: 0.99 });
    expect(vocab).not.toHaveProperty("ž");
    expect(tokenizer.encode("ž", { bos: false }).ids).toEqual([vocab["<0xC5>"], vocab["<0xBE>"]]);
    expect(Object.keys(vocab).filter((piece) => /<0x..>./.test(piece))).toEqual([]);
  });

  it("no token reaches over two words or holds two digits", async () => {
    const { tokenizer } = await train(Array(50).fill(texts[0]), { size: 500 });
    const tokens = tokenizer.encode(" the cat sat on 1995").ids.map((id) => tokenizer.tokenText(id));
    expect(tokens).toEqual(["<s>", " the", " cat", " sat", " on", " 1", "9", "9", "5"]);
  });

  it("gives back every text exactly", async () => {
    const { tokenizer } = await train(texts, { size: 400 });
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constantFrom(...texts)), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(wellFormed(text));
        expectTrueOffsets(tokenizer, text);
      }),
    );
  });

  it("loads in the library of Hugging Face and encodes the same there", async () => {
    const { json, config, tokenizer } = await train(texts, { size: 400 });
    const { Tokenizer } = library as unknown as {
      Tokenizer: new (json: object, config: object) => { encode(text: string): { ids: number[] } };
    };
    const theirs = new Tokenizer(json, config);
    for (const text of [...texts, "", "cat mat", " \n  x"])
      expect(tokenizer.encode(text).ids).toEqual(theirs.encode(text).ids);
  });
});

/** The words of the trained file's own pre-tokeniser, in JavaScript's writing. */
const cutWords = (text: string) =>
  text.match(
    /'(?:[sdmt]|ll|ve|re)| ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]+|\s*[\r\n]+|\s+(?!\S)|\s+/gu,
  ) as RegExpMatchArray;
