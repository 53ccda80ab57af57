import { createHash } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type HubServer, startHubServer } from "./hubServer.testkit.js";
import type { LanguageModel } from "./languageModel.js";
import { loadedModel } from "./loadedModel.js";
import { loadModel } from "./loadModel.js";
import { memorySource } from "./models.testkit.js";
import { runModel } from "./runModel.js";
import {
  huggingFaceFiles,
  llama2cFile,
  llama2cTokenizerFile,
  tinyConfig,
  tinyGgufFile,
  tinyWeights,
  writeFiles,
} from "./tinyCheckpoint.testkit.js";
import { temporaryFolder } from "./weights/temporaryFolder.testkit.js";

const root = temporaryFolder("load-model");
const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");
const text = "the other side";
const ids = [1, 20, 3, 13, 20, 14, 3, 15, 10, 6, 7];

async function logitsOf(model: LanguageModel): Promise<Float32Array> {
  const { logits } = await runModel(model, [ids], { threads: 1 });
  return logits?.data as Float32Array;
}

/** The same numbers without any file. */
const expected = await logitsOf(
  loadedModel({ name: "memory", source: memorySource(tinyConfig, tinyWeights), tokenizer: null, identity: {} }),
);

let hub: HubServer;
beforeAll(async () => {
  const commit = (files: Record<string, Uint8Array | string>, ...refs: string[]) => ({ refs, files });
  hub = await startHubServer({
    "org/tiny": {
      commits: [
        commit({ ...huggingFaceFiles(), "README.md": "#" }, "main"),
        commit(huggingFaceFiles({ shards: true }), "shards"),
      ],
    },
    "org/gguf": { commits: [commit({ "tiny.q4.gguf": "", "tiny.f32.gguf": tinyGgufFile() }, "main")] },
    "org/llama2c": { commits: [commit({ "sub/tiny.bin": llama2cFile() }, "main")] },
  });
});
afterAll(() => hub.close());
beforeEach(() => {
  for (const name of ["HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("HF_HOME", join(root, "hf"));
  vi.stubEnv("HF_ENDPOINT", hub.endpoint);
  vi.stubEnv("SAE_CACHE", join(root, "sae"));
});
afterAll(() => vi.unstubAllEnvs());

describe("a path", () => {
  test("a folder as transformers writes it", async () => {
    const files = huggingFaceFiles();
    const folder = await writeFiles(join(root, "folder"), files);
    const model = await loadModel(folder);
    expect(model.name).toBe(folder);
    expect(model.sizes).toEqual({ dModel: 16, nLayers: 2, nCtx: 64, dVocab: 21 });
    expect(model.tokenizer?.encode(text).ids).toEqual(ids);
    expect(model.tokenizer?.decode(ids)).toBe(text);
    expect(model.identity).toEqual({
      sha256: Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)])),
    });
    expect(await logitsOf(model)).toEqual(expected);
    await model.close();
  });

  test("a folder with shards", async () => {
    const folder = await writeFiles(join(root, "shards"), huggingFaceFiles({ shards: true }));
    const model = await loadModel(folder);
    expect(Object.keys(model.identity.sha256 as object).sort()).toEqual(
      Object.keys(huggingFaceFiles({ shards: true })).sort(),
    );
    expect(await logitsOf(model)).toEqual(expected);
    await model.close();
  });

  test("a folder without tokenizer, and a tokenizer from elsewhere", async () => {
    const { "tokenizer.json": _, ...files } = huggingFaceFiles();
    const folder = await writeFiles(join(root, "bare"), files);
    const bare = await loadModel(folder);
    expect(bare.tokenizer).toBe(null);
    expect(Object.keys(bare.identity.sha256 as object)).toEqual(["config.json", "model.safetensors"]);
    const other = await loadModel(folder, { tokenizer: await writeFiles(join(root, "folder"), huggingFaceFiles()) });
    expect(other.tokenizer?.encode(text).ids).toEqual(ids);
    const without = await loadModel(join(root, "folder"), { tokenizer: null });
    expect(without.tokenizer).toBe(null);
    for (const model of [bare, other, without]) await model.close();
  });

  test("a file of llama2.c, with its tokenizer beside it", async () => {
    const files = { "tiny.bin": llama2cFile(), "tok21.bin": llama2cTokenizerFile() };
    const folder = await writeFiles(join(root, "llama2c"), files);
    const model = await loadModel(join(folder, "tiny.bin"));
    expect(model.identity).toEqual({
      sha256: { weights: sha256(files["tiny.bin"]), tokenizer: sha256(files["tok21.bin"]) },
    });
    expect(model.tokenizer?.encode(text).ids).toEqual([1, 3, ...ids.slice(1)]); // with a space before
    expect(await logitsOf(model)).toEqual(expected);
    await rename(join(folder, "tok21.bin"), join(folder, "tokenizer.bin"));
    await rename(join(folder, "tiny.bin"), join(folder, "other.bin"));
    const renamed = await loadModel(join(folder, "other.bin"));
    expect(renamed.tokenizer?.dVocab).toBe(21);
    expect(renamed.identity).toEqual(model.identity);
    for (const each of [model, renamed]) await each.close();
  });

  test("a GGUF file, which holds its tokenizer", async () => {
    const folder = await writeFiles(join(root, "gguf"), { "tiny.gguf": tinyGgufFile() });
    const model = await loadModel(join(folder, "tiny.gguf"));
    expect(model.identity).toEqual({ sha256: { weights: sha256(tinyGgufFile()) } });
    expect(model.tokenizer?.encode(text).ids).toEqual(ids);
    expect(await logitsOf(model)).toEqual(expected);
    const inFolder = await loadModel(folder); // its only checkpoint
    expect(inFolder.identity).toEqual(model.identity);
    const { "tokenizer.json": _, ...files } = huggingFaceFiles();
    const bare = await writeFiles(join(root, "bare"), files);
    const borrowed = await loadModel(bare, { tokenizer: join(folder, "tiny.gguf") });
    expect(borrowed.tokenizer?.encode(text).ids).toEqual(ids);
    for (const each of [model, inFolder, borrowed]) await each.close();
  });

  test("a tokenizer of another model", async () => {
    const folder = await writeFiles(join(root, "mixed"), {
      "tiny.bin": llama2cFile(),
      "tokenizer.bin": llama2cTokenizerFile(22),
    });
    const path = join(folder, "tiny.bin");
    await expect(loadModel(path)).rejects.toMatchObject({
      code: "tokenizer_mismatch",
      message: `load ${path}: needed a tokenizer of 21 tokens, got one of 22; give the model's own`,
    });
    await expect(loadModel(path, { tokenizer: join(folder, "none") })).rejects.toMatchObject({
      code: "file_not_found",
    });
  });
});

describe("a model of the hub", () => {
  test("by id, at a revision, offline", async () => {
    const model = await loadModel("org/tiny");
    expect(model.name).toBe("org/tiny");
    expect(await logitsOf(model)).toEqual(expected);
    const local = await loadModel(await writeFiles(join(root, "same"), huggingFaceFiles()));
    expect(model.identity).toEqual({ repo: "org/tiny", commit: hub.commit("org/tiny"), ...local.identity });

    const shards = await loadModel("org/tiny@shards");
    expect(shards.identity).toMatchObject({ commit: hub.commit("org/tiny", "shards") });
    expect(await logitsOf(shards)).toEqual(expected);

    hub.requests.length = 0;
    const offline = await loadModel("org/tiny", { offline: true });
    expect(offline.identity).toEqual(model.identity);
    expect(hub.requests).toEqual([]);
    for (const each of [model, local, shards, offline]) await each.close();
  });

  test("one file of a repository", async () => {
    const gguf = await loadModel("org/gguf:tiny.f32.gguf");
    expect(gguf.identity).toMatchObject({ repo: "org/gguf", sha256: { weights: sha256(tinyGgufFile()) } });
    expect(await logitsOf(gguf)).toEqual(expected);
    await gguf.close();
    const model = await loadModel("org/llama2c:sub/tiny.bin", {
      tokenizer: await writeFiles(join(root, "t"), huggingFaceFiles()),
    });
    expect(model.tokenizer?.encode(text).ids).toEqual(ids);
    expect(await logitsOf(model)).toEqual(expected);
    await model.close();
  });

  test("that does not exist", async () => {
    await expect(loadModel("org/none")).rejects.toMatchObject({ code: "hub_repo_not_found" });
    await expect(loadModel("org/tiny@v9")).rejects.toMatchObject({ code: "hub_revision_not_found" });
  });
});

describe("a name", () => {
  test("of the registry: offline, a model that was never fetched", async () => {
    await expect(loadModel("tinyllama-1.1b", { offline: true })).rejects.toMatchObject({ code: "offline" });
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    await expect(loadModel("tinyllama-1.1b")).rejects.toMatchObject({ code: "offline" });
  });

  test.each([
    ["tinylama", "tinyllama-1.1b, embedded"],
    ["", "embedded, tinyllama-1.1b"],
    ["embeded", "embedded, tinyllama-1.1b"],
    ["./org/name", "embedded, tinyllama-1.1b"],
    ["models/none.gguf", "embedded, tinyllama-1.1b"],
    ["a/b/c", "embedded, tinyllama-1.1b"],
  ])("that nobody knows: %j", async (reference, closest) => {
    await expect(loadModel(reference)).rejects.toMatchObject({
      code: "unknown_model",
      message: `load model: needed a path, a model of the hub such as "org/name", or a name (closest: ${closest}), got "${reference}", where there is nothing; check the path or the name`,
    });
  });
});
