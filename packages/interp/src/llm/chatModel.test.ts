import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ChatServer, startChatServer } from "../chatServer.testkit.js";
import { type ChatModel, openChatModel } from "./chatModel.js";
import type { ChatPrompt } from "./chatRequest.js";
import type { ChatOptions } from "./chatSettings.js";

const secret = "sk-test-0123456789abcdef";
let server: ChatServer;
let folder: string;
beforeEach(async () => {
  server = await startChatServer();
  folder = await mkdtemp(join(tmpdir(), "chat-"));
  vi.stubEnv("OPENAI_BASE_URL", server.baseUrl);
  vi.stubEnv("OPENAI_API_KEY", secret);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(folder, { recursive: true });
});

const open = (options: Partial<ChatOptions> = {}) =>
  openChatModel({ model: "test-model", cache: join(folder, "answers"), retryMs: 1, ...options });
const prompt = (content: string, maxTokens = 10): ChatPrompt => ({
  messages: [
    { role: "system", content: "task" },
    { role: "user", content },
  ],
  maxTokens,
});
const cat = prompt("1. a ⟦cat⟧\n2. the ⟦cat⟧");
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error) => error,
  );
const askAll = (chat: ChatModel, count: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, i) => chat.ask(prompt(`${i}. ⟦cat⟧`))));
/** One after the other: f for an answer, r for an error. */
const askInTurn = async (chat: ChatModel, count: number) => {
  let outcomes = "";
  for (let i = 0; i < count; i++) {
    outcomes += await chat.ask(prompt(`${i}. ⟦cat⟧`)).then(
      () => "f",
      () => "r",
    );
  }
  return outcomes;
};
const files = async () => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

describe("an answer", () => {
  test("of the model that was named, at temperature 0, with a seed", async () => {
    expect(await open().ask(cat)).toEqual({ text: 'the word "cat"', cut: false, promptTokens: 7, completionTokens: 3 });
    expect(server.requests).toEqual([
      {
        path: "/v1/chat/completions",
        authorization: `Bearer ${secret}`,
        body: { model: "test-model", messages: cat.messages, max_tokens: 10, temperature: 0, seed: 0 },
      },
    ]);
  });

  test("parameters that a server does not take are left to it; without a key none is sent", async () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    await open({ temperature: null, seed: null, limitName: "max_completion_tokens" }).ask(cat);
    expect(server.requests).toMatchObject([{ authorization: undefined }]);
    expect(server.requests[0].body).toEqual({
      model: "test-model",
      messages: cat.messages,
      max_completion_tokens: 10,
    });
  });

  test("that was cut off, or is empty because the model refused", async () => {
    server.faults.push({ length: true, says: "the" });
    expect(await open().ask(cat)).toMatchObject({ text: "the", cut: true });
    server.faults.push({ body: { choices: [{ message: { content: null }, finish_reason: "content_filter" }] } });
    expect(await open().ask(prompt("?"))).toEqual({ text: "", cut: false, promptTokens: null, completionTokens: null });
  });

  test("no more requests at once than asked for", async () => {
    server.together = 3;
    await askAll(open({ concurrency: 3 }), 12);
    expect(server.mostAtOnce).toBe(3);
    expect(server.requests).toHaveLength(12);
  });
});

describe("the cache", () => {
  test("nothing is asked twice, not even at the same moment, whichever server it came from", async () => {
    const chat = open();
    const answers = await Promise.all([chat.ask(cat), chat.ask(cat)]);
    answers.push(await chat.ask(cat), await open().ask(cat));
    answers.push(await open({ offline: true, baseUrl: "http://127.0.0.1:1/v1" }).ask(cat));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(server.requests).toHaveLength(1);
  });

  test("another model, another parameter or another message is another question", async () => {
    await open().ask(cat);
    await open({ model: "other" }).ask(cat);
    await open({ temperature: 1 }).ask(cat);
    await open({ seed: 1 }).ask(cat);
    await open().ask({ ...cat, maxTokens: 11 });
    await open().ask(prompt("1. a ⟦cat⟧"));
    expect(server.requests).toHaveLength(6);
    expect(await files()).toHaveLength(6);
  });

  test("offline, what is not there is an error", async () => {
    const chat = open({ offline: true });
    expect(await chat.known(cat)).toBe(null);
    await expect(chat.ask(cat)).rejects.toMatchObject({
      code: "llm_offline",
      message: expect.stringMatching(
        /^ask test-model: offline, and the answer [0-9a-f]{16} is not in .+answers; run once with the server$/,
      ),
    });
    expect(server.requests).toEqual([]);
  });

  test("a file that is no answer is named", async () => {
    await open().ask(cat);
    const [path] = await files();
    for (const content of ["", "{}", '{"answer": {"text": 1}}']) {
      await writeFile(path, content);
      await expect(open().ask(cat)).rejects.toMatchObject({
        code: "corrupt_answer",
        message: `read ${path}: not an answer that was kept; delete it to ask again`,
      });
    }
  });
});

describe("what may pass is asked again", () => {
  test.each([
    ["500, twice", [{ status: 500 }, { status: 500, body: "<html>oops</html>" }]],
    ["a gateway without its server, a lock, a slow request", [{ status: 502 }, { status: 409 }, { status: 408 }]],
    ["a connection that is cut before the answer", [{ cut: "head" }]],
    ["a connection that is cut in the answer", [{ cut: "body" }]],
    ["silence before the answer", [{ stall: "head" }]],
    ["silence in the answer", [{ stall: "body" }]],
    ["an answer that is not JSON", [{ body: "<html>Please log in</html>" }]],
    ["JSON that is no completion", [{ body: { choices: [] } }, { body: [] }]],
  ] as const)("%s", async (_, faults) => {
    server.faults.push(...faults);
    const stalls = faults.some((fault) => "stall" in fault);
    expect(await open(stalls ? { timeoutMs: 1500 } : {}).ask(cat)).toMatchObject({ text: 'the word "cat"' });
    expect(server.requests).toHaveLength(faults.length + 1);
    expect(server.faults).toEqual([]);
  });

  test("429: everyone waits as long as the server says", async () => {
    const chat = open({ concurrency: 1 });
    server.faults.push({ status: 429, headers: { "Retry-After": "1" } });
    const start = performance.now();
    await askAll(chat, 2);
    expect(performance.now() - start).toBeGreaterThan(950);
    server.faults.push({ status: 429, headers: { "Retry-After-Ms": "50" } });
    server.faults.push({ status: 503, headers: { "Retry-After": new Date(Date.now() + 100).toUTCString() } });
    await chat.ask(cat);
    expect(server.requests).toHaveLength(6);
  });

  test("but not for ever, and not after a wait that is too long", async () => {
    server.faults.push({ status: 500 }, { status: 500 }, { status: 500 });
    expect(await failure(open({ retries: 2 }).ask(cat))).toMatchObject({
      code: "llm_failed",
      message: `ask test-model at ${server.baseUrl}: the server answered 500 (as told); try again later: the same command asks only for what is missing`,
    });
    server.faults.push({ status: 429, headers: { "Retry-After": "3600" } });
    expect(await failure(open().ask(cat))).toMatchObject({
      code: "llm_failed",
      waitMs: 3_600_000,
      message: expect.stringContaining("429 (as told); ask for fewer at once (concurrency), or try again later"),
    });
    expect(server.requests).toHaveLength(4);
  });

  test.each([
    [{ stall: "body" }, "llm_timed_out", "no whole answer after 100 ms; give it more time, or the judge fewer"],
    [{ cut: "body" }, "llm_interrupted", "the connection broke off ("],
    [{ body: "<html>Log  in</html>" }, "llm_answer_invalid", "needed JSON, got <html>Log in</html>; check that the"],
    [{ body: "" }, "llm_answer_invalid", "needed JSON, got nothing;"],
    [{ body: { choices: [] } }, "llm_answer_invalid", "needed a chat completion with choices, got"],
    [{ body: { choices: [{}] } }, "llm_answer_invalid", "needed a chat completion with choices.0.message, got"],
  ] as const)("%j", async (fault, code, message) => {
    server.faults.push(fault);
    const found = await failure(open({ retries: 0, ...("stall" in fault && { timeoutMs: 100 }) }).ask(cat));
    expect(found).toMatchObject({ code, message: expect.stringContaining(`at ${server.baseUrl}: ${message}`) });
  });
});

describe("what will not pass is an error at once", () => {
  const said = (message: string) => ({ error: { message, type: "invalid_request_error" } });

  test.each([
    [401, said("Incorrect API key"), "llm_key_rejected", "(Incorrect API key); set OPENAI_API_KEY to a key of this"],
    [402, said("Add credits"), "llm_no_credit", "(Add credits); the account has no credit: add some, then"],
    [403, said("Not for you"), "llm_forbidden", "(Not for you); use a key that may use this model, or another model"],
    [404, { message: "No such model" }, "llm_model_not_found", "(No such model); check the model's name"], // as vLLM says it
    [404, { error: "model not found" }, "llm_model_not_found", "(model not found); check the model's name"],
    [404, "404 page not found", "llm_model_not_found", "(404 page not found); check the model's name"],
    [422, { detail: [{ msg: "extra" }] }, "llm_request_rejected", '([{"msg":"extra"}]); if the prompt is too long'],
    [400, said("Too long"), "llm_request_rejected", "(Too long); if the prompt is too long give the judge fewer"],
    [400, "", "llm_request_rejected", "400; if the prompt"],
    [429, { error: { message: "Quota", code: "insufficient_quota" } }, "llm_no_credit", "(Quota); the account has no"],
  ])("%i %j", async (status, body, code, message) => {
    server.faults.push({ status, body });
    expect(await failure(open().ask(cat))).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(server.requests).toHaveLength(1);
  });

  test("a server that wants a key when there is none", async () => {
    vi.stubEnv("OPENAI_API_KEY", undefined);
    server.faults.push({ status: 401, body: "" });
    expect(await failure(open().ask(cat))).toMatchObject({
      message: `ask test-model at ${server.baseUrl}: the server answered 401; it wants a key: set OPENAI_API_KEY`,
    });
  });

  test("a refused key refuses everything: nothing more is sent", async () => {
    const chat = open({ concurrency: 1 });
    server.faults.push({ status: 401, body: said("Incorrect API key") });
    const outcomes = await askAll(chat, 5);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "llm_key_rejected" } });
    expect(server.requests).toHaveLength(1);
  });

  test("a refused prompt does not refuse the others, unless it goes on like that", async () => {
    server.faults.push(...[0, 2, 3].map((i) => ({ at: new RegExp(`^${i}\\.`, "m"), status: 400 })));
    expect(await askInTurn(open({ giveUpAfter: 2 }), 6)).toBe("rfrrrr");
    expect(server.requests).toHaveLength(4);
  });

  test("nothing listens", async () => {
    await server.close();
    expect(await failure(open().ask(cat))).toMatchObject({
      code: "llm_unreachable",
      message: `ask test-model at ${server.baseUrl}: nothing listens there (ECONNREFUSED); start the server or correct the address (OPENAI_BASE_URL), then the same command asks only for what is missing`,
    });
  });

  test.each([
    [{ model: "" }, "needed the name of a model, got none"],
    [{ concurrency: 0 }, "needed a concurrency of at least 1, got 0"],
    [{ timeoutMs: 400_000 }, "needed a timeout of 1 to 300000 ms, got 400000"],
    [{ retries: -1 }, "needed a number of retries of at least 0, got -1"],
    [{ giveUpAfter: 0 }, "needed giveUpAfter of at least 1, got 0"],
    [{ prices: { prompt: -1, completion: 0 } }, "needed prices of at least 0, got -1"],
    [{ baseUrl: "localhost:8080" }, 'needed the address of a server such as "http://localhost:8080/v1"'],
    [{ baseUrl: "http://me:hush@host/v1" }, "needed an address without a password (the key goes into OPENAI_API_KEY)"],
  ])("options: %j", (options, message) => {
    expect(() => open(options)).toThrow(message);
    expect(() => open(options)).not.toThrow("hush");
  });
});

describe("a server that dies for good", () => {
  test("what is answered is kept, the rest fails soon, and the next run asks for the rest only", async () => {
    server.diesAfter = 4;
    const outcomes = await askAll(open({ concurrency: 2, retries: 1 }), 10);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    expect(await files()).toHaveLength(4);

    const again = await startChatServer();
    const later = open({ baseUrl: again.baseUrl, account: join(folder, "account.json") });
    const answers = await askAll(later, 10);
    expect(answers.every(({ status }) => status === "fulfilled")).toBe(true);
    expect(again.requests).toHaveLength(6);
    expect(later.usage()).toMatchObject({ used: { answers: 10 }, asked: { answers: 6 }, requests: 6 });
    await later.close();
    await again.close();
  });

  test("an answer that comes after all starts the count anew", async () => {
    server.faults.push(...[0, 2, 4].map((i) => ({ at: new RegExp(`^${i}\\.`, "m"), status: 500 })));
    expect(await askInTurn(open({ retries: 0, giveUpAfter: 2 }), 6)).toBe("rfrfrf");
  });
});

describe("the account", () => {
  test("tokens and costs, of all answers and of those that were asked for now", async () => {
    const account = join(folder, "account.json");
    const options = { account, prices: { prompt: 2, completion: 10 } };
    const first = open(options);
    await first.ask(cat); // 7 and 3 tokens
    await first.ask(cat);
    server.faults.push({ body: { choices: [{ message: { content: "the" } }] } });
    await first.ask(prompt("?"));
    await first.close();
    const both = { answers: 2, promptTokens: 7, completionTokens: 3, uncounted: 1, cost: 0.000044 };
    expect(JSON.parse(await readFile(account, "utf8"))).toEqual({
      used: both,
      asked: both,
      requests: 2,
      prices: options.prices,
    });
    const second = open(options);
    await second.ask(cat);
    await second.close();
    expect(JSON.parse(await readFile(account, "utf8"))).toMatchObject({
      used: { answers: 1, promptTokens: 7, cost: 0.000044 },
      asked: { answers: 0, promptTokens: 0, cost: 0 },
      requests: 0,
    });
  });

  test("without prices there is no cost; without answers nothing", async () => {
    expect(open().usage()).toEqual({
      used: { answers: 0, promptTokens: 0, completionTokens: 0, uncounted: 0, cost: null },
      asked: { answers: 0, promptTokens: 0, completionTokens: 0, uncounted: 0, cost: null },
      requests: 0,
      prices: null,
    });
  });

  test("a folder that is not there", async () => {
    const chat = open({ account: join(folder, "none", "account.json") });
    await chat.ask(cat);
    await expect(chat.close()).rejects.toMatchObject({ code: "folder_not_found" });
  });
});

describe("the key", () => {
  test("stands in no file, no answer and no error, even when the server repeats it", async () => {
    const chat = open({ retries: 0, giveUpAfter: 100, account: join(folder, "account.json") });
    const echo = `you sent Bearer ${secret}, ${"long ".repeat(60)}`;
    server.faults.push({ says: echo });
    const answer = await chat.ask(cat);
    expect(answer.text).toContain("you sent Bearer (key)");
    const failures = [];
    const faults = [
      { status: 401, body: { error: { message: echo } } },
      { status: 500, body: echo },
      { status: 400, body: `${"x".repeat(290)} ${secret}` }, // where the excerpt ends
      { body: echo },
      { cut: "body", body: echo },
    ] as const;
    for (const fault of faults) {
      server.faults.push(fault);
      failures.push(await failure(open({ retries: 0 }).ask(prompt("?"))));
    }
    await chat.close();
    expect(server.faults).toEqual([]);
    const texts = [inspect(failures, { depth: null, showHidden: true }), inspect(answer), inspect(chat)];
    for (const path of await files()) texts.push(path, await readFile(path, "utf8"));
    expect(texts.length).toBeGreaterThan(5);
    for (const text of texts) for (const part of [secret, secret.slice(0, 10)]) expect(text).not.toContain(part);
  });

  test("a placeholder for local servers is a word like others", async () => {
    vi.stubEnv("OPENAI_API_KEY", "none");
    server.faults.push({ says: "none" });
    expect(await open().ask(cat)).toMatchObject({ text: "none" });
  });

  test("does not follow a redirect to another server", async () => {
    const other = createServer((request, response) => {
      response.writeHead(500).end(String(request.headers.authorization));
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    server.faults.push({ status: 307, headers: { Location: `http://127.0.0.1:${port}/v1/chat/completions` } });
    expect(await failure(open({ retries: 0 }).ask(cat))).toMatchObject({
      message: expect.stringContaining("500 (undefined)"),
    });
    other.close();
    other.closeAllConnections();
  });
});
