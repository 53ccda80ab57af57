import { key, permutation } from "@sae/core";
import { describe, expect, test } from "vitest";
import { planted, plantedActivations, tokenText } from "../planted.testkit.js";
import { collectLatents, type LatentSequences } from "./collectLatents.js";
import { type CollectOptions, collectDefaults } from "./collectOptions.js";
import type { ContextCodes } from "./contextCodes.js";
import { denseCollection } from "./denseCollection.testkit.js";

const activations = plantedActivations(Object.values(planted));

const sequencesOf = ({ examples, judged }: LatentSequences) => ({
  examples: [...examples.activating, ...examples.inactive],
  judged: [...judged.activating, ...judged.inactive],
});

const contextOf = (id: string): number => Number(id.split(":")[0]);

describe("what is collected", () => {
  test.each<Partial<CollectOptions>>([
    {},
    { window: 5, seed: 3 },
    { window: 1, judged: 7, fewestJudged: 1, examples: 1 },
    { window: 100, trainingShare: 0.2 },
    { judged: 2, fewestJudged: 1, examples: 0, inactiveExamples: 0, fewestExamples: 1 },
  ])("is what sorting everything would give: %j", async (given) => {
    const options = { ...collectDefaults, ...given };
    const { latents } = await collectLatents(activations, given);
    expect(latents.length).toBeGreaterThan(0);
    for (const { latent, examples, judged } of latents) {
      const plain = denseCollection(activations.all, latent, options);
      const withTexts = (kind: "activating" | "inactive", part: "examples" | "judged") =>
        plain[part][kind].map((sequence) => ({ ...sequence, tokens: sequence.ids.map(tokenText) }));
      expect(examples.activating).toEqual(withTexts("activating", "examples"));
      expect(examples.inactive).toEqual(withTexts("inactive", "examples"));
      expect(judged.activating).toEqual(withTexts("activating", "judged"));
      expect(judged.inactive).toEqual(withTexts("inactive", "judged"));
    }
  });

  test("does not depend on the order of the contexts", async () => {
    const order = Array.from(permutation(key("order"), activations.all.length));
    const contexts = async function* () {
      for (const i of order) yield activations.all[i];
    };
    expect(await collectLatents({ ...activations, contexts })).toEqual(await collectLatents(activations));
  });

  test("another seed draws others", async () => {
    const ids = async (seed: number) =>
      (await collectLatents(activations, { seed })).latents.flatMap((latent) =>
        sequencesOf(latent).judged.map(({ id }) => id),
      );
    expect(await ids(1)).not.toEqual(await ids(0));
  });

  test("is judged on other contexts than it is explained with", async () => {
    const { latents } = await collectLatents(activations);
    for (const latent of latents) {
      const { examples, judged } = sequencesOf(latent);
      const training = new Set(examples.map(({ id }) => contextOf(id)));
      expect(judged.filter(({ id }) => training.has(contextOf(id)))).toEqual([]);
    }
  });

  test("does not overlap, and is as active as it says", async () => {
    const { latents } = await collectLatents(activations, { window: 7 });
    for (const latent of latents) {
      for (const kind of ["examples", "judged"] as const) {
        const places = sequencesOf(latent)[kind].flatMap(({ id, ids }) => {
          const [context, start] = id.split(":").map(Number);
          return ids.map((_, at) => `${context}:${start + at}`);
        });
        expect(new Set(places).size).toBe(places.length);
        const { activating, inactive } = latent[kind];
        expect(activating.every((sequence) => sequence.activations.some((value) => value > 0))).toBe(true);
        expect(inactive.every((sequence) => sequence.activations.every((value) => value === 0))).toBe(true);
      }
      expect(latent.judged.activating).toHaveLength(latent.judged.inactive.length);
    }
  });

  test("shows the strongest examples first, and judges every strength, weakest first", async () => {
    const { latents } = await collectLatents(activations, { window: 3 });
    const strengths = (list: readonly { activations: readonly number[] }[]) =>
      list.map((sequence) => Math.max(...sequence.activations));
    const [{ examples, judged }] = latents;
    const strongest = strengths(examples.activating);
    expect(strongest).toEqual([...strongest].sort((a, b) => b - a));
    expect(Math.min(...strongest)).toBeGreaterThan(1.9);
    // Strengths are uniform in [1, 2]: so are the quartiles of what is judged.
    const drawn = strengths(judged.activating);
    expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
    [0.25, 0.5, 0.75].forEach((q) => {
      expect(Math.abs(drawn[Math.floor(q * drawn.length)] - 1 - q)).toBeLessThan(0.15);
    });
  });

  test("never has a token without activations", async () => {
    const { latents } = await collectLatents(activations, { window: 9 });
    const texts = latents.flatMap((latent) => [...sequencesOf(latent).examples, ...sequencesOf(latent).judged]);
    expect(texts.filter(({ tokens }) => tokens.includes("<s>"))).toEqual([]);
  });
});

describe("which latents", () => {
  test("dead, rare and dense ones are counted, not collected", async () => {
    const rare = (texts: readonly string[]) => (texts[1] === " fox" && texts[2] === "." ? 1 : 0);
    const { latents, counts } = await collectLatents(plantedActivations([...Object.values(planted), rare]));
    expect(counts).toEqual({ dSae: 6, dead: 1, rare: 1, fitting: 4, drawn: 4, dense: 1 });
    expect(latents.map(({ latent }) => latent)).toEqual([0, 1, 4]);
    expect(latents[2].frequency).toBeCloseTo(0.05, 2);
  });

  test("those are kept that have all sequences that are asked for, though these are fewer than the fewest", async () => {
    const { latents, counts } = await collectLatents(activations, { judged: 5, fewestJudged: 10 });
    expect(latents.map(({ judged }) => judged.inactive.length)).toEqual([5, 5, 5]);
    expect(counts).toEqual((await collectLatents(activations)).counts); // the one that is always active is left out
  });

  test("a frequency can be asked for", async () => {
    const { counts } = await collectLatents(activations, { deadBelow: 0.07 });
    expect(counts).toMatchObject({ dead: 3, fitting: 2 });
  });

  test("the draw is keyed, and a smaller one is part of a larger one", async () => {
    const many = plantedActivations(
      Array.from({ length: 20 }, () => planted.anywhere),
      { contexts: 60 },
    );
    const drawn = async (options: Partial<CollectOptions>) =>
      (await collectLatents(many, { fewestJudged: 1, ...options })).latents.map(({ latent }) => latent);
    const three = await drawn({ latents: 3 });
    const six = await drawn({ latents: 6 });
    expect(three).toHaveLength(3);
    expect(six).toEqual(expect.arrayContaining(three));
    expect(await drawn({ latents: 6, seed: 1 })).not.toEqual(six);
    expect(await drawn({ latents: 0 })).toEqual([]);
  });
});

describe("sizes 0 and 1", () => {
  const stream = (...all: ContextCodes[]) => ({
    dSae: 1,
    tokenText,
    contexts: async function* () {
      yield* all;
    },
  });
  const nothing = { positions: [], rows: [], latents: [], values: [] };

  test("no contexts, contexts without rows, and SAEs without latents", async () => {
    expect(await collectLatents(stream())).toMatchObject({ latents: [], tokens: 0, counts: { dead: 1 } });
    expect(await collectLatents(stream({ context: 0, ids: [0], ...nothing }))).toMatchObject({ latents: [] });
    expect(await collectLatents({ ...stream(), dSae: 0 })).toMatchObject({ counts: { dSae: 0, dead: 0, fitting: 0 } });
  });

  test("one token is a sequence", async () => {
    const fires = (context: number): ContextCodes => {
      const entries =
        context % 2 === 0 ? { rows: [0], latents: [0], values: [1] } : { rows: [], latents: [], values: [] };
      return { context, ids: [3], positions: [0], ...entries };
    };
    const all = Array.from({ length: 40 }, (_, context) => fires(context));
    const { latents } = await collectLatents(stream(...all), { fewestJudged: 5 });
    expect(latents).toHaveLength(1);
    expect(latents[0].judged.activating[0]).toMatchObject({ tokens: [" fox"], activations: [1] });
    expect(latents[0].judged.inactive[0]).toMatchObject({ tokens: [" fox"], activations: [0] });
  });
});

test.each<[Partial<CollectOptions>, string]>([
  [{ window: 0 }, "collect: needed window to be a whole number of at least 1, got 0"],
  [{ latents: 1.5 }, "collect: needed latents to be a whole number of at least 0, got 1.5"],
  [{ trainingShare: 1.1 }, "collect: needed trainingShare from 0 to 1, got 1.1"],
])("refuses %j", async (options, message) => {
  await expect(collectLatents(activations, options)).rejects.toThrow(message);
});
