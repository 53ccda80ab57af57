import { fold, key } from "@sae/core";
import { meanInterval } from "@sae/metrics";
import { expect, test } from "vitest";
import { collectLatents } from "./collect/collectLatents.js";
import type { Explanation, Judge, JudgedSequence } from "./explainer.js";
import { judgeLatent } from "./judgeLatent.js";
import { ngramExplainer, ngramJudge } from "./ngram/ngramExplainer.js";
import { otherLatents } from "./otherLatents.js";
import { type Planted, planted, plantedActivations, tokenText } from "./planted.testkit.js";
import { accuracy } from "./scores/accuracy.js";

const { latents } = await collectLatents(plantedActivations([planted.onFox]), { window: 5, judged: 20 });
const [latent] = latents;
const explanation: Explanation = { latent: 0, text: "" };

/** A judge that answers as told, and remembers what it saw. */
const judgeThat = (answer: (sequence: JudgedSequence) => boolean | null, seen: JudgedSequence[] = []): Judge => ({
  name: "test",
  judge: async (_, sequences) => {
    seen.push(...sequences);
    return sequences.map(answer);
  },
});

test("answers are counted against what is active, in the order in which they were asked", async () => {
  const knows = judgeThat(({ tokens }) => tokens.includes(" fox"));
  expect(await judgeLatent(knows, explanation, latent, 0)).toEqual({
    truePositives: 20,
    falseNegatives: 0,
    trueNegatives: 20,
    falsePositives: 0,
    unreadable: 0,
  });
  const unsure = judgeThat(({ tokens }) => (tokens.includes(" fox") ? null : true));
  expect(await judgeLatent(unsure, explanation, latent, 0)).toMatchObject({ falsePositives: 20, unreadable: 20 });
});

test("a judge sees tokens and no activations, both kinds mixed, in an order of the seed", async () => {
  const shown = async (seed: number) => {
    const seen: JudgedSequence[] = [];
    await judgeLatent(
      judgeThat(() => true, seen),
      explanation,
      latent,
      seed,
    );
    return seen;
  };
  const seen = await shown(0);
  expect(seen.map((sequence) => Object.keys(sequence).sort())).toEqual(seen.map(() => ["id", "ids", "tokens"]));
  const active = seen.map(({ tokens }) => tokens.includes(" fox"));
  expect(active.filter((is) => is)).toHaveLength(20);
  expect(active.indexOf(false)).toBeLessThan(10);
  expect(await shown(0)).toEqual(seen);
  expect(await shown(1)).not.toEqual(seen);
});

test("each sequence needs an answer", async () => {
  const brief: Judge = { name: "brief", judge: async () => [true] };
  await expect(judgeLatent(brief, explanation, latent, 0)).rejects.toThrow(
    "judge brief: needed 40 answers on latent 0, got 1; give null for those that cannot be read",
  );
});

test("nothing to judge is no error", async () => {
  const nothing = { latent: 0, judged: { activating: [], inactive: [] } };
  expect(accuracy(await judgeLatent(ngramJudge, { ...explanation, data: { patterns: [] } }, nothing, 0))).toBeNull();
});

test("with its own description a planted latent is predicted, with another's it is at chance", async () => {
  // One latent for each word, and one for each word after " red".
  const all = Array.from({ length: 11 }, (_, i) => tokenText(i + 1)).flatMap((word): Planted[] => [
    (texts, at, draw) => (texts[at] === word ? planted.onEverything(texts, at, draw) : 0),
    (texts, at, draw) => (texts[at] === word && texts[at - 1] === " red" ? planted.onEverything(texts, at, draw) : 0),
  ]);
  const { latents } = await collectLatents(plantedActivations(all, { contexts: 600 }), { window: 5 });
  expect(latents).toHaveLength(22);
  const explanations = await Promise.all(latents.map(({ examples }) => ngramExplainer().explain(examples)));
  const scoresWith = async (of: readonly Explanation[]) =>
    Promise.all(latents.map(async (one, i) => accuracy(await judgeLatent(ngramJudge, of[i], one, 0)) as number));
  const own = await scoresWith(explanations);
  expect(Math.min(...own)).toBeGreaterThan(0.95);
  const others = otherLatents(fold(key(0), "control"), latents.length);
  const control = meanInterval(await scoresWith(others.map((other) => explanations[other])));
  expect([control.low, control.high].map((end) => Number(end) < 0.5)).toEqual([true, false]);
  expect(Number(control.high) - Number(control.low)).toBeLessThan(0.15);
});
