import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChatServer } from "../chatServer.testkit.js";
import { openChatModel } from "./chatModel.js";
import { estimateChat } from "./estimateChat.js";
import { estimateTokens } from "./estimateTokens.js";
import { llmExplainer } from "./llmExplainer.js";
import { llmJudge } from "./llmJudge.js";
import { sequenceOn } from "./llmSequences.testkit.js";

test("a token for four bytes, and four for each message", () => {
  const tokens = (...contents: string[]) =>
    estimateTokens({ messages: contents.map((content) => ({ role: "user" as const, content })) });
  expect(tokens()).toBe(0);
  expect(tokens("")).toBe(4);
  expect(tokens("12345678", "1")).toBe(11);
  expect(tokens("ひらがな")).toBe(7); // 12 bytes
});

test("tokens and cost before anything is sent; what was answered costs nothing", async () => {
  const server = await startChatServer();
  const cache = await mkdtemp(join(tmpdir(), "chat-"));
  const chat = openChatModel({ model: "m", cache, baseUrl: server.baseUrl, prices: { prompt: 1, completion: 1000 } });
  const agents = { explainer: llmExplainer(chat), judge: llmJudge(chat, { seed: 0, batch: 3 }) };
  const examples = ["cat", "dog"].map((word, latent) => ({
    latent,
    activating: [sequenceOn(word, `a ${word}`)],
    inactive: [],
  }));
  const sequences = ["the cat", "the dog", "more", "text"].map((text) => sequenceOn("cat", text));
  const questions = { examples, judgements: [0, 1].map((explanation) => ({ explanation, sequences })) };

  const before = await estimateChat(chat, agents, questions);
  // a description and two parts of judging for each: answers of at most 80, 4·3+16 and 4·1+16 tokens
  expect(before).toMatchObject({ requests: 6, cached: 0, completionTokens: 2 * (80 + 28 + 20) });
  expect(before.cost).toBeCloseTo((before.promptTokens + 256_000) / 1e6, 12);
  expect(server.requests).toEqual([]);

  await agents.judge.judge(await agents.explainer.explain(examples[0]), sequences);
  expect(await estimateChat(chat, agents, questions)).toMatchObject({ requests: 3, cached: 3, completionTokens: 128 });
  expect(await estimateChat(chat, agents, { examples: [], judgements: [] })).toEqual({
    requests: 0,
    cached: 0,
    promptTokens: 0,
    completionTokens: 0,
    cost: 0,
  });
  await server.close();
  await rm(cache, { recursive: true });
});
