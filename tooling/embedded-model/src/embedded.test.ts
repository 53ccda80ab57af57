import { readFile } from "node:fs/promises";
import { fold, key, permutation } from "@sae/core";
import {
  type CityFacts,
  cityFacts,
  corpusSources,
  embeddedCorpus,
  installedCityTables,
  splitTexts,
} from "@sae/corpora";
import {
  type LanguageModel,
  loadModel,
  type Tokenizer,
  type TokenScorer,
  tokenScorer,
  type WeightArrays,
} from "@sae/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { heldOutLosses } from "./heldOut.js";
import { tokenStream } from "./preparedCorpus.js";
import { answersRight, questions, recallBy } from "./recall.js";
import { greedySamples } from "./samples.js";

// The model that is shipped, not one made here: it is what its card says.
describe("the embedded model", () => {
  let model: LanguageModel;
  let tokenizer: Tokenizer;
  let weights: WeightArrays;
  let scorer: TokenScorer;
  let card: string;

  beforeAll(async () => {
    model = await loadModel("embedded");
    tokenizer = model.tokenizer as Tokenizer;
    const names = Object.keys(model.family.weights(model.config));
    weights = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await model.weight(name)])));
    scorer = await tokenScorer(model.family, model.config);
    card = await readFile(new URL("../../../packages/models/embedded/README.md", import.meta.url), "utf8");
  });
  afterAll(async () => {
    await scorer.dispose();
    await model.close();
  });

  test("knows the countries of nine in ten cities, asked as it was never told them", async () => {
    const facts = cityFacts(installedCityTables(), embeddedCorpus.cities);
    const order = permutation(fold(key("embedded model"), "cities"), facts.length);
    const sample = Array.from(order.subarray(0, 80), (at) => facts[at] as CityFacts);
    const asked = questions(facts, sample, tokenizer).filter(({ attribute }) => attribute === "country");
    const right = await answersRight(scorer, weights, asked);
    const cities = Object.values(recallBy(asked, right, ({ city }) => city));
    const known = cities.filter((city) => city.right > city.asked / 2).length;
    expect(cities.length).toBe(80);
    expect(known / cities.length).toBeGreaterThanOrEqual(0.9);
    expect(card).toContain("Cities whose country is right in most of these sentences: 96.6 % (773 of 800).");
  });

  // The last line of the card's learning curve was measured on the same contexts, before the weights were rounded to float16.
  test.each([
    ["brown", 4.482],
    ["wordnet", 4.048],
  ])("predicts held-out text of %s as well as the card says", async (name, loss) => {
    const source = corpusSources(embeddedCorpus).sources.find((candidate) => candidate.name === name);
    if (!source) throw new Error(`no source ${name}`);
    const { heldOut } = splitTexts(name, source.documents(), embeddedCorpus);
    const tokens = tokenStream(heldOut.slice(0, 600), tokenizer, tokenizer.bos as number);
    const options = { nCtx: model.sizes.nCtx, bos: tokenizer.bos as number, most: 8 };
    const losses = await heldOutLosses(scorer, weights, [{ name, tokens }], options);
    expect(losses[name]?.loss).toBeCloseTo(loss, 1);
    expect(card).toContain(`${loss}`);
  });

  test("continues as in the card", async () => {
    const samples = await greedySamples(model);
    expect(samples.slice(0, 2)).toEqual([
      { beginning: "The city of Paris is in the country of", continuation: " France." },
      { beginning: "People in Tokyo speak", continuation: " Japanese." },
    ]);
  });
});
