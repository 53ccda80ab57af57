import type { TextDocument } from "@sae/models";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusSources } from "./corpusSources.js";
import { type CorpusRecipe, embeddedCorpus } from "./embeddedCorpus.js";
import { embeddedTexts, interleave, sha256Of } from "./embeddedTexts.js";
import { splitTexts } from "./splitTexts.js";

/** The embedded model's corpus with fewer cities, without the sources that take their time. */
const small: CorpusRecipe = {
  mixture: { cities: 0.6, declarations: 0.1, code: 0.3 },
  cities: { count: 30, perCountry: 1, rounds: 40 },
  heldOut: 0.1,
  seed: 1,
};

async function documentsOf(corpus: CorpusRecipe): Promise<TextDocument[]> {
  const found: TextDocument[] = [];
  for await (const document of embeddedTexts(corpus).documents()) found.push(document);
  return found;
}

/** Documents from the first on until they have more than so many characters. */
function firstCharacters(documents: readonly TextDocument[], least: number): TextDocument[] {
  const begun: TextDocument[] = [];
  for (const document of documents) {
    begun.push(document);
    if (characters(begun) > least) break;
  }
  return begun;
}

const characters = (documents: readonly TextDocument[]) => documents.reduce((sum, { text }) => sum + text.length, 0);

describe("default texts", () => {
  let documents: readonly TextDocument[];
  beforeAll(async () => {
    documents = await documentsOf(small);
  });

  test("are every document of the corpus once, in passages", () => {
    expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
    expect(documents.filter(({ text }) => text.length > 2000)).toEqual([]);
    const { sources } = corpusSources(small);
    const all = sources.flatMap((source) => source.documents());
    const letters = (texts: readonly TextDocument[]) =>
      texts.reduce((sum, { text }) => sum + text.replace(/\s/g, "").length, 0);
    expect(letters(documents)).toBe(letters(all));
  });

  test("begin with what training never sees, then go backwards from what it reads last", () => {
    for (const { name, documents: inSource } of corpusSources(small).sources) {
      const { heldOut, train } = splitTexts(name, inSource(), small);
      const given = documents.filter(({ fields }) => fields?.source === name);
      const places = new Map(train.map(({ id }, place) => [`${name}/${id}`, place]));
      // "code/PACKAGE/PATH/0" is a passage of "code/PACKAGE/PATH"; that of a short document has the document's name.
      const documentOf = (id: string) => (places.has(id) ? id : id.replace(/\/\d+$/, ""));
      const aside = given.findIndex(({ fields }) => fields?.heldOut === false);
      expect(given.slice(aside).every(({ fields }) => fields?.heldOut === false)).toBe(true);
      expect(given.slice(0, aside).map(({ id }) => places.get(documentOf(id)))).toEqual(
        Array.from({ length: aside }, () => undefined),
      );
      expect(aside).toBeGreaterThanOrEqual(heldOut.length);
      const order = given.slice(aside).map(({ id }) => places.get(documentOf(id)));
      expect([...new Set(order)]).toEqual(train.map((_, place) => train.length - 1 - place));
    }
  });

  test("are a fair sample as far as they are read", () => {
    const end = documents.findLastIndex(({ fields }) => fields?.source === "cities"); // the source that is used up first
    for (const part of [0.25, 0.5, 1]) {
      const sample = documents.slice(0, Math.floor(part * end));
      for (const [name, share] of Object.entries(small.mixture)) {
        const given = characters(sample.filter(({ fields }) => fields?.source === name)) / characters(sample);
        expect(Math.abs(given - share), name).toBeLessThan(0.02);
      }
    }
  });

  test("are known by their content", async () => {
    const { identity } = embeddedTexts(small);
    expect(identity).toEqual({ kind: "corpus", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(embeddedTexts(small).identity).toEqual(identity);
    expect(embeddedTexts({ ...small, seed: 2 }).identity).not.toEqual(identity);
    expect(await documentsOf({ ...small, mixture: {} })).toEqual([]);
  });

  test("of the embedded model hold all five sources in the first few thousand tokens, and are those that are stated", async () => {
    const texts = embeddedTexts();
    const all: TextDocument[] = [];
    for await (const document of texts.documents()) all.push(document);
    const begun = firstCharacters(all, 100_000);
    for (const [name, share] of Object.entries(embeddedCorpus.mixture)) {
      const given = characters(begun.filter(({ fields }) => fields?.source === name)) / characters(begun);
      expect(Math.abs(given - share), name).toBeLessThan(0.02);
    }
    expect(texts.identity.sha256).toBe(sha256Of(all));
  });
});

test("queues take turns by what they gave of their share; one that is used up is left out", () => {
  const queue = (name: string, share: number, lengths: readonly number[]) => ({
    share,
    documents: lengths.map((length, i) => ({ id: `${name}${i}`, text: "x".repeat(length) })),
  });
  const order = (...queues: ReturnType<typeof queue>[]) => interleave(queues).map(({ id }) => id);
  expect(order(queue("a", 2, [10, 10, 10, 10]), queue("b", 1, [10, 10, 10]))).toEqual([
    "a0",
    "b0",
    "a1",
    "a2",
    "b1",
    "a3",
    "b2",
  ]);
  expect(order(queue("a", 1, [40, 1]), queue("b", 1, [10, 10]), queue("c", 1, []))).toEqual(["a0", "b0", "b1", "a1"]);
  expect(order()).toEqual([]);
});
