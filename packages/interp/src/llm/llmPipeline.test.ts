import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillUniform, fold, key } from "@sae/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectLatents, type LatentActivations, type LatentSequences } from "../collect/collectLatents.js";
import type { Explanation } from "../explainer.js";
import { judgeLatent } from "../judgeLatent.js";
import { otherLatents } from "../otherLatents.js";
import { accuracy } from "../scores/accuracy.js";
import { openChatModel } from "./chatModel.js";
import { type ChatServer, startChatServer } from "./chatServer.testkit.js";
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

const dSae = 6;
const vocabulary = Array.from({ length: 50 }, (_, id) => ` word${id}`);

/** Contexts of 40 random words. Latent i is active, at varying strength, on word i; the last one at one place in fifty, whatever stands there. */
const activations: LatentActivations = {
  dSae,
  tokenText: (id) => vocabulary[id],
  async *contexts() {
    for (let context = 0; context < 60; context++) {
      const random = fillUniform(fold(key("contexts"), context), new Float64Array(120));
      const ids = Array.from({ length: 40 }, (_, at) => Math.floor(random[at] * vocabulary.length));
      const entries = ids.flatMap((id, at) => {
        const value = 0.5 + random[40 + at];
        return [
          ...(id < dSae - 1 ? [{ row: at, latent: id, value }] : []),
          ...(random[80 + at] < 0.02 ? [{ row: at, latent: dSae - 1, value }] : []),
        ];
      });
      yield {
        context,
        ids,
        positions: [...ids.keys()],
        rows: entries.map(({ row }) => row),
        latents: entries.map(({ latent }) => latent),
        values: entries.map(({ value }) => value),
      };
    }
  },
};

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
  const { latents } = await collectLatents(activations, { latents: dSae, judged: 12 });
  expect(latents.map(({ latent }) => latent)).toEqual([0, 1, 2, 3, 4, 5]);
  const { explanations, own, shuffled } = await scoresOf(latents);
  expect(explanations.slice(0, 5).map(({ text }) => text)).toEqual([0, 1, 2, 3, 4].map((i) => `the word "word${i}"`));
  expect(own.slice(0, 5)).toEqual([1, 1, 1, 1, 1]);
  expect(own[5]).toBeLessThan(0.75);
  for (const score of shuffled) expect(score).toBeLessThan(0.75);

  // A description, a judgement with it, and one with another's for each; the second time nothing.
  expect(server.requests).toHaveLength(3 * dSae);
  expect(await scoresOf(latents)).toEqual({ explanations, own, shuffled });
  expect(server.requests).toHaveLength(3 * dSae);
});
