import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Context,
  type ContextOptions,
  type ContextSource,
  type ContextTokenizer,
  textContexts,
} from "./contexts.js";
import { fixedContexts } from "./fixedContexts.js";
import { rowSelector } from "./selectRows.js";
import { contextsOf, letterTokenizer, textsOf, toLetters } from "./tinyHarvest.testkit.js";

async function all(source: ContextSource, from?: Context["next"]): Promise<Context[]> {
  const contexts: Context[] = [];
  for await (const context of source.from(from)) contexts.push(context);
  return contexts;
}

/** Tokens without padding. */
const read = async (source: ContextSource) =>
  (await all(source)).map(({ tokens, length }) => toLetters(tokens.subarray(0, length)));

const texts = textsOf("aaaa", "bbbbb", "", "c");

describe("packed", () => {
  test("documents follow each other, and every context begins as a text does", async () => {
    expect(await read(contextsOf(texts, { nCtx: 6 }))).toEqual(["@aaaa@", "@bbbbb", "@c"]);
    expect(await read(contextsOf(texts, { nCtx: 4 }))).toEqual(["@aaa", "@a@b", "@bbb", "@b@c"]);
  });

  test("contexts that begin anywhere", async () => {
    expect(await read(contextsOf(texts, { nCtx: 4, contextStart: null }))).toEqual(["@aaa", "a@bb", "bbb@", "c"]);
    expect(await read(contextsOf(texts, { nCtx: 1, contextStart: null, documentStart: null }))).toEqual([
      ..."aaaabbbbbc",
    ]);
  });

  test("a model without a begin token: the end token stands between documents", async () => {
    const tokenizer: ContextTokenizer = { ...letterTokenizer, addsBos: false };
    const contexts = textContexts(texts, tokenizer, { nCtx: 5 });
    expect(await read(contexts)).toEqual(["|aaaa", "|bbbb", "b|c"]);
    expect(contexts.starts).toEqual([1]);
    expect(await read(textContexts(texts, { ...tokenizer, bos: null, eos: null }, { nCtx: 8 }))).toEqual([
      "aaaabbbb",
      "bc",
    ]);
  });

  test("every token knows its document; the last context is padded", async () => {
    const contexts = await all(contextsOf(texts, { nCtx: 6 }));
    expect(contexts.map(({ documents }) => [...documents])).toEqual([
      [0, 0, 0, 0, 0, 1],
      [1, 1, 1, 1, 1, 1],
      [3, 3, -1, -1, -1, -1],
    ]);
    expect(contexts.map(({ number, length }) => [number, length])).toEqual([
      [0, 6],
      [1, 6],
      [2, 2],
    ]);
    expect([...contexts[2].tokens]).toEqual([0, 4, 0, 0, 0, 0]);
  });
});

describe("one document at a time", () => {
  test("a long one goes on in the next context, or ends", async () => {
    const options: Partial<ContextOptions> = { nCtx: 4, layout: "perDocument" };
    expect(await read(contextsOf(texts, options))).toEqual(["@aaa", "@a", "@bbb", "@bb", "@c"]);
    expect(await read(contextsOf(texts, { ...options, overflow: "truncate" }))).toEqual(["@aaa", "@bbb", "@c"]);
    expect(await read(contextsOf(texts, { ...options, nCtx: 5 }))).toEqual(["@aaaa", "@bbbb", "@b", "@c"]);
  });
});

test.each<string[][]>([[[]], [["", ""]]])("no tokens, no contexts: %j", async (documents) => {
  for (const layout of ["packed", "perDocument"] as const) {
    expect(await all(contextsOf(textsOf(...documents), { layout }))).toEqual([]);
  }
});

test("any position of the stream is an entrance, and what comes before is not tokenized", async () => {
  const options = fc.record({
    nCtx: fc.integer({ min: 2, max: 7 }),
    layout: fc.constantFrom("packed", "perDocument"),
    overflow: fc.constantFrom("split", "truncate"),
    contextStart: fc.constantFrom(null, 0, 1),
    documentStart: fc.constantFrom(null, 0, 1),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-z]{0,12}$/), { maxLength: 6 }),
      options,
      async (documents, cut) => {
        const encoded: string[] = [];
        const tokenizer: ContextTokenizer = {
          ...letterTokenizer,
          encode: (text) => {
            encoded.push(text);
            return letterTokenizer.encode(text);
          },
        };
        const source = textContexts(textsOf(...documents), tokenizer, cut as ContextOptions);
        const contexts = await all(source);
        expect(contexts.map(({ number }) => number)).toEqual(contexts.map((_, i) => i));
        for (const [i, { next }] of contexts.entries()) {
          encoded.length = 0;
          expect(await all(source, next)).toEqual(contexts.slice(i + 1));
          expect(encoded).toEqual(documents.slice(next.document));
        }
        // Nothing is lost: the tokens of the documents, in order.
        if (cut.overflow === "truncate" && cut.layout === "perDocument") return;
        const kept = contexts.map(({ tokens, length }) => toLetters(tokens.subarray(0, length)));
        expect(kept.join("").replaceAll(/[@|]/g, "")).toBe(documents.join(""));
      },
    ),
  );
});

test("contexts whose tokens are known", async () => {
  const source = fixedContexts(Int32Array.of(0, 2, 3, 0, 4, 5), 3, [0]);
  expect(await read(source)).toEqual(["@ab", "@cd"]);
  expect(await all(source, { context: 1, document: 1, token: 0 })).toEqual((await all(source)).slice(1));
  expect(await all(fixedContexts(new Int32Array(0), 3))).toEqual([]);
  expect(() => fixedContexts(new Int32Array(4), 3)).toThrow("needed a multiple of nCtx = 3 tokens, got 4");
});

test("which tokens give rows", async () => {
  const [context] = await all(contextsOf(textsOf("abc", "ad"), { nCtx: 10 })); // @abc@ad and padding
  const rows = (selection: Parameters<typeof rowSelector>[1]) => rowSelector([0], selection)(context);
  expect(rows({})).toEqual({ positions: [1, 2, 3, 5, 6], early: 0, special: 2 });
  expect(rows({ skipBos: false })).toEqual({ positions: [0, 1, 2, 3, 4, 5, 6], early: 0, special: 0 });
  expect(rows({ skipTokens: [2] })).toEqual({ positions: [2, 3, 6], early: 0, special: 4 });
  expect(rows({ skipPositions: 2 })).toEqual({ positions: [2, 3, 5, 6], early: 2, special: 1 });
  expect(rows({ skipPositions: 99 })).toEqual({ positions: [], early: 7, special: 0 });
  expect(() => rows({ skipPositions: -1 })).toThrow("needed skipPositions of at least 0, got -1");
});

test("contexts need room for a token of text", () => {
  for (const nCtx of [1, 0, 2.5]) {
    expect(() => contextsOf(texts, { nCtx })).toThrow(`needed a whole number of at least 2 tokens, got ${nCtx}`);
  }
  expect(() => contextsOf(texts, { nCtx: 0, contextStart: null })).toThrow("at least 1 tokens, got 0");
});
