import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ChatServer, startChatServer } from "../chatServer.testkit.js";
import { openChatModel } from "./chatModel.js";
import { llmExplainer } from "./llmExplainer.js";
import { type LlmJudgeOptions, llmJudge } from "./llmJudge.js";
import { sequenceOn } from "./llmSequences.testkit.js";

let server: ChatServer;
let cache: string;
beforeEach(async () => {
  server = await startChatServer();
  cache = await mkdtemp(join(tmpdir(), "chat-"));
  vi.stubEnv("OPENAI_BASE_URL", server.baseUrl);
  vi.stubEnv("OPENAI_API_KEY", undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(cache, { recursive: true });
});

const open = () => openChatModel({ model: "test-model", cache, retryMs: 1 });
const judgeWith = (options: Partial<LlmJudgeOptions> = {}) => llmJudge(open(), { seed: 0, ...options });
const onCats = { latent: 7, text: 'the word "cat"' };
const texts = ["a cat sat", "a dog sat", "my cat", "concatenate", "the end"];
const sequences = texts.map((text) => sequenceOn("cat", text));
const shown = (request: number) => server.requests[request].body.messages[1].content;

describe("the explainer", () => {
  const explain = (activating = sequences.slice(0, 3)) =>
    llmExplainer(open()).explain({ latent: 7, activating, inactive: [] });

  test("shows what is active, marked, and takes the sentence", async () => {
    expect(await explain()).toEqual({ latent: 7, text: 'the word "cat"' });
    expect(shown(0)).toBe("1. a ⟦cat⟧ sat\n2. a dog sat\n3. my ⟦cat⟧\n\nThe unit is active on ...");
    expect(server.requests[0].body).toMatchObject({ model: "test-model", max_tokens: 80 });
  });

  test("the fifteen strongest; weak activations have no mark", async () => {
    await explain(Array.from({ length: 20 }, (_, i) => sequenceOn("cat", `${i}`.repeat(9) + " cat".repeat(10))));
    expect(shown(0).match(/^\d+\./gm)).toHaveLength(15);
    // 1, 0.5, … 0.0156 are above 0.01, the last three below
    expect(shown(0)).toMatch(/^1\. 0+ ⟦cat cat cat cat cat cat cat⟧ cat cat cat$/m);
  });

  test("an answer that cannot be read is asked for once more", async () => {
    server.faults.push({ says: "Here it is:" });
    expect(await explain()).toMatchObject({ text: 'the word "cat"' });
    expect(server.requests[1].body.messages.slice(2)).toEqual([
      { role: "assistant", content: "Here it is:" },
      {
        role: "user",
        content: 'I need the words that complete "The unit is active on ...", in one line, and nothing else.',
      },
    ]);
  });

  test("and then the description is empty, counted, and not judged", async () => {
    server.faults.push({ says: "" }, { says: " " });
    const explainer = llmExplainer(open());
    const explanation = await explainer.explain({ latent: 7, activating: sequences, inactive: [] });
    expect(explanation).toEqual({ latent: 7, text: "" });
    expect(explainer.unreadable()).toBe(1);
    expect(await judgeWith().judge(explanation, sequences)).toEqual([null, null, null, null, null]);
    expect(server.requests).toHaveLength(2);
    expect(await llmExplainer(open(), { remind: false }).explain({ latent: 1, activating: [], inactive: [] })).toEqual({
      latent: 1,
      text: "nothing",
    });
  });
});

describe("the judge", () => {
  test("shows description and passages without marks, numbered in another order, and puts the verdicts back", async () => {
    const judge = judgeWith();
    expect(await judge.judge(onCats, sequences)).toEqual([true, false, true, false, false]);
    const [head, ...lines] = shown(0).split("\n");
    expect(head).toBe('The unit is active on the word "cat"');
    const passages = lines.slice(1).map((line) => line.replace(/^\d+\. /, ""));
    expect(passages).not.toEqual(texts);
    expect(passages.toSorted()).toEqual(texts.toSorted());
    expect(server.requests[0].body).toMatchObject({ max_tokens: 36 });
    expect(judge.unreadable()).toBe(0);
  });

  test("the order is the seed's and the sequences', whatever the description and the order they come in", async () => {
    await judgeWith().judge(onCats, sequences);
    const reversed = await judgeWith().judge({ latent: 8, text: 'the word "dog"' }, sequences.toReversed());
    expect(reversed).toEqual([false, false, false, true, false]);
    await judgeWith({ seed: 1 }).judge(onCats, sequences);
    const orders = [0, 1, 2].map((request) => shown(request).split("\n").slice(2).join());
    expect(orders[0]).toBe(orders[1]);
    expect(orders[0]).not.toBe(orders[2]);
  });

  test("in parts, with the same verdicts", async () => {
    expect(await judgeWith({ batch: 2 }).judge(onCats, sequences)).toEqual([true, false, true, false, false]);
    expect(server.requests.map((_, request) => shown(request).split("\n").length - 2).toSorted()).toEqual([1, 2, 2]);
  });

  test("one sequence, and none", async () => {
    expect(await judgeWith().judge(onCats, sequences.slice(0, 1))).toEqual([true]);
    expect(await judgeWith().judge(onCats, [])).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test("an answer that cannot be read is asked for once more", async () => {
    server.faults.push({ says: "the first and the third" });
    const judge = judgeWith();
    expect(await judge.judge(onCats, sequences)).toEqual([true, false, true, false, false]);
    expect(judge.unreadable()).toBe(0);
    expect(server.requests[1].body.messages.slice(2)).toEqual([
      { role: "assistant", content: "the first and the third" },
      {
        role: "user",
        content: "I need numbers from 1 to 5 with commas between them, or the word none, and nothing else.",
      },
    ]);
  });

  test("and then its sequences have no verdict: those of its part, and it is counted", async () => {
    server.faults.push({ at: /^4\. /m, says: "1, 2, 99" }, { at: /^4\. /m, says: "?" });
    const judge = judgeWith({ batch: 4 });
    const verdicts = await judge.judge(onCats, sequences);
    expect(verdicts.filter((verdict) => verdict === null)).toHaveLength(4);
    expect(judge.unreadable()).toBe(1);
  });

  test("without a reminder, when it is told so; a list that was cut off cannot be read", async () => {
    server.faults.push({ says: "1, 2", length: true });
    const judge = judgeWith({ remind: false });
    expect(await judge.judge(onCats, sequences)).toEqual([null, null, null, null, null]);
    expect(server.requests).toHaveLength(1);
  });
});
