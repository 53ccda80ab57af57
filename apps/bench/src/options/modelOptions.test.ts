import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startHubServer } from "../../../../packages/models/src/hubServer.testkit.js";
import { openLanguageModel } from "../jobs/languageModelInput.js";
import { openNamedTexts } from "../jobs/textsInput.js";
import { chosenModel, chosenTexts, modelFacts } from "./modelOptions.js";
import { plannedModel } from "./plannedInputs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-texts-"));
  for (const name of ["HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HF_HOME", folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const options = { column: undefined, split: undefined, encoding: undefined };

test("a data set of the hub is fetched when a study is planned; its jobs read the files", async () => {
  const hub = await startHubServer({
    "org/texts": { kind: "dataset", commits: [{ refs: ["main"], files: { "data/a.jsonl": '{"review":"good"}\n' } }] },
  });
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  const { source, local } = await chosenTexts(["hf:org/texts:data/*.jsonl"], { ...options, column: "review" });
  await hub.close();
  const identity = JSON.parse(JSON.stringify(source.identity));
  for await (const { text } of (await openNamedTexts(identity, local)).documents()) expect(text).toBe("good");
  // The next study is planned on this machine alone.
  const again = await chosenTexts(["hf:org/texts:data/*.jsonl"], { ...options, column: "review", offline: true });
  expect(again.source.identity).toEqual(source.identity);
  await expect(chosenTexts(["hf:org/texts"], options)).rejects.toMatchObject({ code: "hub_unreachable" });
  expect.assertions(3);
});

test("HF_HUB_OFFLINE keeps models to the cache, too", async () => {
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  await expect(chosenModel("org/model", {})).rejects.toMatchObject({ code: "hub_offline" });
  await expect(openLanguageModel({}, modelFacts("org/model", {}))).rejects.toMatchObject({ code: "hub_offline" });
});

test("what is not in the cache names the switch that kept it from being fetched", async () => {
  await expect(chosenModel("org/model", { offline: true })).rejects.toThrow("run once without --offline");
  await expect(chosenTexts(["hf:org/other"], { ...options, offline: true })).rejects.toThrow(
    "run once without --offline",
  );
  await expect(plannedModel("org/model", { offline: true })).rejects.toThrow("run once without --offline");
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  await expect(chosenModel("org/model", {})).rejects.toThrow("run once without HF_HUB_OFFLINE");
  vi.stubEnv("HF_HUB_OFFLINE", undefined);
});
