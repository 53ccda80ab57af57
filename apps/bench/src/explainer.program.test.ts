import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type ChatServer, startChatServer } from "../../../packages/interp/src/chatServer.testkit.js";
import type { AutointerpJobResult } from "./evaluations/autointerp/autointerpJob.js";
import { runCli, temporaryFolder, words } from "./runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "./tinyModel.testkit.js";

const secret = "sk-test-0123456789abcdef";
const folder = await temporaryFolder();
let server: ChatServer;
beforeAll(async () => {
  await writeTinyModel(join(folder, "tiny"));
  await writeTinyText(join(folder, "words.txt"), 2500);
});
beforeEach(async () => {
  server = await startChatServer();
  vi.stubEnv("OPENAI_API_KEY", secret);
  vi.stubEnv("OPENAI_BASE_URL", server.baseUrl);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** Latents of one SAE at the embeddings, where the letter decides alone. */
const study = (more: Readonly<Record<string, string | number>> = {}) => [
  "llm",
  ...words({
    model: "tiny",
    hook: "hook_embed",
    text: "words.txt",
    tokens: 6000,
    ctx: 24,
    "evaluation-contexts": 5,
    variants: "topk",
    baselines: "trained,random",
    l0: 2,
    "d-sae": 32,
    steps: 30,
    batch: 64,
    lr: 0.01,
    warmup: 2,
    evals: "reconstruction,autointerp-llm",
    "explainer-model": "test-model",
    "explainer-retries": 0,
    ...more,
  }),
  "--quiet",
];
const jobs = join(folder, "runs/jobs");
const evaluationFolders = async () =>
  (await readdir(jobs)).filter((name) => name.startsWith("autointerp-")).map((name) => join(jobs, name));
const outputs: string[] = [];
const run = async (args: (string | number)[]) => {
  const ended = await runCli(args, folder);
  outputs.push(ended.stdout, ended.stderr);
  return ended;
};

test("an estimate before anything is sent, and no more than the budget", async () => {
  const { code, stderr } = await run(study({ "explainer-prices": "0.15,0.6", "explainer-budget": 0 }));
  expect(stderr).toMatch(
    /ask test-model: needed a cost of at most 0 for this SAE, got \d+ questions to ask, 0 answered before: about [\d\s]+ tokens, answers of at most [\d\s]+, cost at most about 0\.\d+; nothing was sent, raise --explainer-budget to go on/,
  );
  expect(code, stderr).toBe(2);
  expect(server.requests).toEqual([]);
});

test("a server that dies midway leaves what it answered; the same command asks another one for the rest only", async () => {
  server.diesAfter = 30;
  const args = study({ workers: 1, "explainer-prices": "0.15,0.6" });
  const died = await run(args);
  expect(died.stderr).toMatch(/[1-9]\d* of 1\d latents are judged, the others are not: ask test-model at/);
  expect(died.stderr).toContain("the same command runs the others again");
  expect(died.code, died.stderr).toBe(7);
  const partial = await Promise.all(
    (await evaluationFolders()).map(async (own) =>
      JSON.parse(await readFile(join(own, "unfinished/partial.json"), "utf8")),
    ),
  );
  expect(partial.some(({ judged }) => judged.length > 0)).toBe(true);
  expect(partial.every(({ failed }) => failed.every(({ code }: { code: string }) => code.startsWith("llm_")))).toBe(
    true,
  );

  const another = await startChatServer();
  const { code, stderr, stdout } = await run([...args, ...words({ "explainer-url": another.baseUrl }), "--json"]);
  expect(code, stderr).toBe(0);
  const asked = [...server.requests, ...another.requests].map(({ body }) => JSON.stringify(body.messages));
  expect(asked).toHaveLength(new Set(asked).size);
  expect(server.requests).toHaveLength(30);
  expect(stdout).toContain("autointerp-llm-accuracy");
  await another.close();

  for (const own of await evaluationFolders()) {
    const { scores, latents, explainer } = JSON.parse(
      await readFile(join(own, "result.json"), "utf8"),
    ) as AutointerpJobResult;
    expect(explainer).toBe("llm test-model");
    expect(latents.some(({ description }) => /^the letters "[a-z]"$/.test(description))).toBe(true);
    expect(scores["autointerp-llm-accuracy"].value).toBeGreaterThan(scores["autointerp-llm-shuffled"].value + 0.1);
    const account = JSON.parse(await readFile(join(own, "account.json"), "utf8"));
    // Questions of several latents, or SAEs, may be the same.
    expect(account.used.answers).toBeGreaterThan(2 * latents.length);
    expect(account.used.answers).toBeLessThanOrEqual(3 * latents.length);
    expect(account.used.cost).toBeCloseTo(
      (0.15 * account.used.promptTokens + 0.6 * account.used.completionTokens) / 1e6,
    );
    expect(await readdir(own)).not.toContain("unfinished");
  }
  const answers = await readdir(join(folder, "runs/answers"), { recursive: true });
  expect(answers.filter((name) => name.endsWith(".json"))).toHaveLength(asked.length);
});

test("a finished run can be repeated without the server", async () => {
  const results = async () =>
    Promise.all((await evaluationFolders()).map((own) => readFile(join(own, "result.json"), "utf8")));
  const before = await results();
  for (const own of await evaluationFolders()) await rm(own, { recursive: true });
  const { code, stderr } = await run([...study(), "--explainer-offline"]);
  expect(code, stderr).toBe(0);
  expect(await results()).toEqual(before);
  expect(server.requests).toEqual([]);
});

test("a refused key is an error at once, in the words of the server, without the key", async () => {
  const refused = { status: 401, body: { error: { message: `Incorrect API key: ${secret}` } } };
  server.faults.push(refused, refused);
  const { code, stderr } = await run(study({ "explainer-model": "refused", "explainer-concurrency": 1, workers: 1 }));
  expect(stderr).toContain("the server answered 401 (Incorrect API key: (key)); set OPENAI_API_KEY to a key of this");
  expect(code, stderr).toBe(7);
  expect(server.requests).toHaveLength(2); // one for each SAE
});

// After all others: whatever they printed and left.
afterAll(async () => {
  let files = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    files++;
    expect((await readFile(path, "latin1")).includes(secret), path).toBe(false);
  }
  expect(files).toBeGreaterThan(100);
  expect(outputs.join("")).not.toContain(secret);
});
