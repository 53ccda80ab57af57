import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "@huggingface/tokenizers";
import { readNpy, toNumbers } from "@sae/core";
import { describe, expect, it } from "vitest";
import { llama2cTokenizer } from "./llama2cTokenizer.js";
import { openHuggingFaceTokenizer } from "./openHuggingFaceTokenizer.js";
import { expectTrueOffsets } from "./tokenizer.testkit.js";

/** Published tokenizers and texts. */
const data = join(process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../../shared"), "data");
const folder = (name: string) => join(data, name);
const needs = (...names: string[]) => {
  const missing = names.map(folder).filter((path) => !existsSync(path));
  return { skip: missing.length > 0, why: missing.length > 0 ? ` (skipped without ${missing.join(", ")})` : "" };
};

/** English, stories, and the first lines of languages in other scripts. */
function someTexts(): string[] {
  const languages = existsSync(folder("lingua-langid"))
    ? readdirSync(folder("lingua-langid")).filter((file) => file.endsWith(".txt") && !file.startsWith("SOURCE"))
    : [];
  return [
    readFileSync(join(folder("gpt2-tokenizer"), "tinystories_sample.txt"), "utf8"),
    readFileSync(join(folder("gpt2-tokenizer"), "corpus.en"), "utf8").slice(0, 20_000),
    ...languages.map((file) => readFileSync(join(folder("lingua-langid"), file), "utf8").slice(0, 1500)),
    " \n\tdef f(x):\n        return x ** 2  # 😀\r\n",
  ];
}
const { Tokenizer } = library as unknown as {
  Tokenizer: new (json: object, config: object) => { encode(text: string, options: object): { ids: number[] } };
};

const tinyStories = needs("lm-tinystories-656k", "gpt2-tokenizer");
describe.skipIf(tinyStories.skip)(`TinyStories-656K${tinyStories.why}`, async () => {
  const path = folder("lm-tinystories-656k");
  const tokenizer = tinyStories.skip ? null! : await openHuggingFaceTokenizer(path);

  it("knows its tokens", () => {
    expect([tokenizer.dVocab, tokenizer.bos, tokenizer.eos, tokenizer.addsBos]).toEqual([2048, 1, 2, true]);
    const { ids, offsets } = tokenizer.encode("Once upon a time");
    expect(ids.map((id) => tokenizer.tokenText(id))).toEqual(["<|start_story|>", " ", "On", "ce ", "upon a tim", "e"]);
    expect(offsets.map(([start, end]) => "Once upon a time".slice(start, end)).join("|")).toBe("||On|ce |upon a tim|e");
  });

  it("encodes as the library does, with true offsets", () => {
    const read = (name: string) => JSON.parse(readFileSync(join(path, name), "utf8"));
    const theirs = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
    for (const text of someTexts()) {
      expect(tokenizer.encode(text).ids).toEqual(theirs.encode(text, { add_special_tokens: true }).ids);
      expectTrueOffsets(tokenizer, text);
    }
  });
});

const gpt2 = needs("gpt2-tokenizer");
describe.skipIf(gpt2.skip)(`GPT-2${gpt2.why}`, async () => {
  const open = async () => {
    const copy = await mkdtemp(join(tmpdir(), "gpt2-"));
    await cp(join(folder("gpt2-tokenizer"), "gpt2_vocab.json"), join(copy, "vocab.json"));
    await cp(join(folder("gpt2-tokenizer"), "gpt2_merges.txt"), join(copy, "merges.txt"));
    const tokenizer = await openHuggingFaceTokenizer(copy);
    await rm(copy, { recursive: true });
    return tokenizer;
  };
  const tokenizer = gpt2.skip ? null! : await open();

  it.each([
    ["Hello world", [15496, 995]],
    ["Hello, world!", [15496, 11, 995, 0]],
    [" \n\n", [220, 628]],
    ["😀", [47249, 222]],
    ["", []],
  ])("%j", (text, ids) => {
    expect(tokenizer.encode(text).ids).toEqual(ids);
  });

  it("knows its tokens", () => {
    expect([tokenizer.dVocab, tokenizer.bos, tokenizer.eos, tokenizer.addsBos]).toEqual([50257, 50256, 50256, false]);
    expect(tokenizer.tokenText(995)).toBe(" world");
    expect(tokenizer.tokenText(222)).toBe("<0x80>");
    expect(tokenizer.tokenText(50256)).toBe("<|endoftext|>");
  });

  it("gives back every text, with true offsets", () => {
    for (const text of someTexts()) {
      expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
      expectTrueOffsets(tokenizer, text);
    }
  });
});

const stories = needs("lm-stories260K", "activations", "gpt2-tokenizer");
describe.skipIf(stories.skip)(`stories260K${stories.why}`, async () => {
  const tokenizer = stories.skip ? null! : await llama2cTokenizer(join(folder("lm-stories260K"), "tok512.bin"));

  it("gives back every text, with true offsets", () => {
    expect([tokenizer.dVocab, tokenizer.bos, tokenizer.eos]).toEqual([512, 1, 2]);
    for (const text of someTexts()) {
      expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
      expectTrueOffsets(tokenizer, text);
    }
  });

  it("encodes what the model wrote into what it wrote, up to other spellings of the same text", async () => {
    const tokens = await readNpy(join(folder("activations"), "stories260K.tokens.i32.npy"));
    const [rows, length] = tokens.shape;
    const ids = toNumbers(tokens);
    let same = 0;
    let other = 0;
    for (let row = 0; row < rows; row++) {
      // A row is one or more stories, each begun by <s>; the last is cut off, at a token.
      const stories = splitAt(ids.slice(row * length, (row + 1) * length), 1).filter((story) => story.length > 0);
      for (const story of stories) {
        const text = tokenizer.decode(story);
        const again = tokenizer.encode(text, { bos: false }).ids;
        // A sampled model sometimes writes "h" "om" where the tokenizer says "ho" "m"; the text is the same.
        expect(tokenizer.decode(again)).toBe(text);
        if (again.join() === story.join()) same++;
        else other++;
      }
    }
    expect(same + other).toBeGreaterThan(1000);
    expect(same / (same + other)).toBeGreaterThan(0.9);
  });
});

function splitAt(ids: readonly number[], separator: number): number[][] {
  const parts: number[][] = [[]];
  for (const id of ids) {
    if (id === separator) parts.push([]);
    else parts.at(-1)?.push(id);
  }
  return parts;
}
