import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type HubServer, startHubServer } from "../hubServer.testkit.js";
import { fetchModelFromHub } from "./fetchModelFromHub.js";

const index = (...shards: string[]) =>
  JSON.stringify({
    weight_map: Object.fromEntries(
      shards.flatMap((shard, i) => [
        [`a${i}`, shard],
        [`b${i}`, shard],
      ]),
    ),
  });

const model = (files: Record<string, string>) => ({
  commits: [{ refs: ["main"], files: { "config.json": "{}", ...files } }],
});

let hub: HubServer;
let cacheDir: string;
beforeAll(async () => {
  hub = await startHubServer({
    "org/whole": model({
      "model.safetensors": "w",
      "pytorch_model.bin": "p",
      "tokenizer.json": "{}",
      "tokenizer_config.json": "{}",
      "generation_config.json": "{}",
      "vocab.json": "{}",
      "README.md": "#",
      "onnx/model.safetensors": "o",
      "a.q8_0.gguf": "g",
    }),
    "org/shards": model({
      "model-00001-of-00002.safetensors": "1",
      "model-00002-of-00002.safetensors": "2",
      "consolidated.safetensors": "c",
      "model.safetensors.index.json": index("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
    }),
    "org/old": model({ "model.safetensors": "w", "merges.txt": "", "vocab.json": "{}", "tokenizer_config.json": "{}" }),
    "org/pickle": model({ "pytorch_model.bin": "p", "b.gguf": "g" }),
    "org/nothing": model({}),
    "org/broken": model({ "model.safetensors.index.json": "[" }),
  });
});
afterAll(() => hub.close());
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "hub-"));
});
afterEach(() => rm(cacheDir, { recursive: true }));

const fetchModel = (repo: string, options: object = {}) =>
  fetchModelFromHub({ repo, cacheDir, endpoint: hub.endpoint, token: null, offline: false, ...options });

test("config, tokenizer and weights, and nothing else", async () => {
  const { folder, files } = await fetchModel("org/whole");
  expect(Object.keys(files)).toEqual(["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]);
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(Object.keys(files).sort());
});

test("the shards that the index names", async () => {
  const { folder } = await fetchModel("org/shards");
  expect((await readdir(folder)).sort()).toEqual([
    "config.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
  ]);
});

test("the two files of GPT-2's tokenizer where there is no tokenizer.json", async () => {
  expect(Object.keys((await fetchModel("org/old")).files)).toEqual([
    "config.json",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
    "model.safetensors",
  ]);
});

test("one GGUF file, when it is named", async () => {
  expect(Object.keys((await fetchModel("org/whole", { file: "a.q8_0.gguf" })).files)).toEqual(["a.q8_0.gguf"]);
  await expect(fetchModel("org/whole", { file: "b.gguf" })).rejects.toMatchObject({ code: "hub_file_not_found" });
});

test("offline, a model that was fetched", async () => {
  for (const repo of ["org/whole", "org/shards"]) {
    const online = await fetchModel(repo);
    expect(await fetchModel(repo, { offline: true, endpoint: "http://127.0.0.1:1" })).toEqual(online);
    expect(await fetchModel(repo, { revision: online.commit, offline: true })).toEqual(online);
  }
  await rm(join((await fetchModel("org/shards")).folder, "model-00002-of-00002.safetensors"));
  await expect(fetchModel("org/shards", { offline: true })).rejects.toMatchObject({
    code: "hub_offline",
    message: expect.stringContaining("has no model-00002-of-00002.safetensors of commit"),
  });
});

test("offline, a model whose weights were never fetched", async () => {
  await fetchModel("org/whole", { file: "a.q8_0.gguf" });
  await expect(fetchModel("org/whole", { offline: true })).rejects.toMatchObject({
    code: "hub_offline",
    message: expect.stringMatching(/in the cache has no model.safetensors; run once without HF_HUB_OFFLINE$/),
  });
});

test("weights in other formats are named", async () => {
  await expect(fetchModel("org/pickle")).rejects.toMatchObject({
    code: "no_safetensors",
    message:
      'fetch org/pickle@main: needed model.safetensors or model.safetensors.index.json, got b.gguf, pytorch_model.bin; ask for a GGUF file as "org/name:file.gguf", other formats must be converted first',
  });
  await expect(fetchModel("org/nothing")).rejects.toMatchObject({ message: expect.stringContaining("got no weights") });
});

test("an index that is none", async () => {
  await expect(fetchModel("org/broken")).rejects.toMatchObject({ code: "bad_index" });
});
