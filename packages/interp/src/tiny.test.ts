import { key } from "@sae/core";
import { meanInterval } from "@sae/metrics";
import { expect, test } from "vitest";
import {
  accuracy,
  balancedAccuracy,
  chanceCorrected,
  collectLatents,
  judgeLatent,
  ngramExplainer,
  ngramJudge,
  otherLatents,
  shareAbove,
} from "./index.js";
import { planted, plantedActivations } from "./planted.testkit.js";

test("a tour of the package", async () => {
  // 1. Latents with known meaning: on " fox"; on " fox" right after " red"; on everything; never; anywhere, at random.
  const activations = plantedActivations(Object.values(planted));
  const { latents, counts, tokens } = await collectLatents(activations, { window: 11 });
  expect(counts).toEqual({ dSae: 5, dead: 1, rare: 0, fitting: 4, drawn: 4, dense: 1 });
  expect(latents.map(({ latent }) => latent)).toEqual([0, 1, 4]);
  expect(tokens).toBe(300 * 40 - 300 - 33);

  // 2. Each has examples, and as many active as inactive sequences of other contexts to be judged on.
  const [onFox] = latents;
  expect(onFox.examples.activating).toHaveLength(15);
  expect([onFox.judged.activating.length, onFox.judged.inactive.length]).toEqual([50, 50]);
  const { tokens: text, activations: values } = onFox.examples.activating[0];
  expect(text.filter((_, at) => values[at] > 0)).toContain(" fox");

  // 3. An explainer describes a latent from its examples. This one needs no language model.
  const explainer = ngramExplainer();
  const explanations = await Promise.all(latents.map(({ examples }) => explainer.explain(examples)));
  expect(explanations.slice(0, 2).map(({ text }) => text)).toEqual(["‘ fox’", "‘ fox’ right after ‘ red’"]);

  // 4. A judge predicts from the description alone. The latent that fires at random cannot be predicted.
  const judgements = await Promise.all(latents.map((latent, i) => judgeLatent(ngramJudge, explanations[i], latent, 0)));
  const scores = judgements.map((judgement) => accuracy(judgement) as number);
  expect(scores.slice(0, 2)).toEqual([1, 1]);
  expect(scores[2]).toBeLessThan(0.7);
  expect(balancedAccuracy(judgements[0])).toBe(1);
  expect(chanceCorrected(judgements[2])).toBeCloseTo(2 * scores[2] - 1);
  expect(shareAbove(scores).mean).toBeCloseTo(2 / 3);

  // 5. The control: the description of another latent must not help.
  const others = otherLatents(key("control"), latents.length);
  expect([...others].sort()).toEqual([0, 1, 2]);
  const control = await judgeLatent(ngramJudge, explanations[others[0]], latents[0], 0);
  expect(meanInterval([accuracy(control) as number]).mean).toBeLessThan(1);
});
