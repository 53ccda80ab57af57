import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key } from "@sae/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ChatServer, startChatServer } from "../chatServer.testkit.js";
import { collectLatents, type LatentSequences } from "../collect/collectLatents.js";
import type { Explanation } from "../explainer.js";
import { judgeLatent } from "../judgeLatent.js";
import { otherLatents } from "../otherLatents.js";
import { type Planted, planted, plantedActivations } from "../planted.testkit.js";
import { accuracy } from "../scores/accuracy.js";
import { openChatModel } from "./chatModel.js";
import { llmExplainer } from "./llmExplainer.js";
import { llmJudge } from "./llmJudge.js";

let server: ChatServer;
let cache: string;
beforeEach(async () => {
  server = await startChatServer();
  cache = await mkdtemp(join(tmpdir(), "chat-"));
});
afterEach(async () => {
  await server.close();
  await rm(cache, { recursive: true });
});

const words = ["fox", "hill", "slept"];
/** Latents that are active on one word each, and one that is active anywhere. */
const activations = plantedActivations([
  ...words.map(
    (word): Planted =>
      (texts, at) =>
        texts[at] === ` ${word}` ? 1 : 0,
  ),
  planted.anywhere,
]);

/** Scores of all latents with their own descriptions, and with each other's. */
async function scoresOf(latents: readonly LatentSequences[]) {
  const chat = openChatModel({ model: "test-model", cache, baseUrl: server.baseUrl });
  const explainer = llmExplainer(chat);
  const judge = llmJudge(chat, { seed: 0 });
  const explanations = await Promise.all(latents.map(({ examples }) => explainer.explain(examples)));
  const score = (given: readonly Explanation[]) =>
    Promise.all(latents.map(async (latent, at) => accuracy(await judgeLatent(judge, given[at], latent, 0))));
  const others = otherLatents(key("others"), latents.length).map((other) => explanations[other]);
  return { explanations, own: await score(explanations), shuffled: await score(others) };
}

test("latents with a meaning are described and found again, others are not; other latents' descriptions are worth nothing", async () => {
  const { latents } = await collectLatents(activations, { window: 11 });
  const { explanations, own, shuffled } = await scoresOf(latents);
  expect(explanations.slice(0, 3).map(({ text }) => text)).toEqual(words.map((word) => `the word "${word}"`));
  expect(own.slice(0, 3)).toEqual([1, 1, 1]);
  for (const score of [own[3], ...shuffled]) expect(score).toBeLessThan(0.7);

  // A description, a judgement with it, and one with another's for each of four; the second time nothing.
  expect(server.requests).toHaveLength(12);
  expect(await scoresOf(latents)).toEqual({ explanations, own, shuffled });
  expect(server.requests).toHaveLength(12);
});
