import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeBfloat16, encodeFloat16, type StoredArray, writeSafetensors } from "@sae/core";
import { describe, expect, test } from "vitest";
import { openHuggingFaceFolder } from "./openHuggingFaceFolder.js";
import { temporaryFolder } from "./temporaryFolder.testkit.js";

const root = temporaryFolder("hugging-face");
const values = Float32Array.of(1, -2.5, 0.375, 4, 5, 6);
const embed: StoredArray = { dtype: "float32", shape: [2, 3], data: values };
const norm: StoredArray = { dtype: "float16", shape: [6], data: encodeFloat16(values) };
const head: StoredArray = { dtype: "bfloat16", shape: [3, 2], data: encodeBfloat16(values) };
const mask: StoredArray = { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) };

const SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

async function folder(name: string, files: Record<string, unknown>): Promise<string> {
  const path = join(root, name);
  await mkdir(path);
  for (const [file, content] of Object.entries(files)) {
    if (file.endsWith(".safetensors")) await writeSafetensors(join(path, file), content as Record<string, StoredArray>);
    else await writeFile(join(path, file), typeof content === "string" ? content : JSON.stringify(content));
  }
  return path;
}
const config = { model_type: "llama", hidden_size: 3 };
const index = (weight_map: unknown) => ({ metadata: { total_size: 1 }, weight_map });
const whole = index({ "model.embed": SHARDS[0], "model.norm": SHARDS[1], lm_head: SHARDS[1] });

describe("reading", () => {
  test("one file; 16-bit weights become float32", async () => {
    const path = await folder("one", {
      "config.json": config,
      "model.safetensors": { "model.embed": embed, "model.norm": norm, lm_head: head, mask },
    });
    const source = await openHuggingFaceFolder(path);
    expect(source.config).toEqual(config);
    expect(source.path).toBe(path);
    expect(source.shapes).toEqual({ "model.embed": [2, 3], "model.norm": [6], lm_head: [3, 2], mask: [2] });
    for (const name of ["model.embed", "model.norm", "lm_head"]) expect(await source.read(name)).toEqual(values);
    await source.close();
  });

  test("shards", async () => {
    const path = await folder("shards", {
      "config.json": config,
      "model.safetensors.index.json": whole,
      [SHARDS[0]]: { "model.embed": embed, unlisted: mask },
      [SHARDS[1]]: { "model.norm": norm, lm_head: head },
    });
    const source = await openHuggingFaceFolder(path);
    expect(source.shapes).toEqual({ "model.embed": [2, 3], "model.norm": [6], lm_head: [3, 2] });
    for (const name of ["model.embed", "model.norm", "lm_head"]) expect(await source.read(name)).toEqual(values);
    await source.close();
  });

  test("no tensor at all", async () => {
    const source = await openHuggingFaceFolder(await folder("empty", { "config.json": {}, "model.safetensors": {} }));
    expect(source.shapes).toEqual({});
    await source.close();
  });

  test("each weight is memory of its own", async () => {
    const path = await folder("own", { "config.json": config, "model.safetensors": { "model.embed": embed } });
    const source = await openHuggingFaceFolder(path);
    (await source.read("model.embed")).fill(0);
    expect(await source.read("model.embed")).toEqual(values);
    await source.close();
  });
});

describe("what can be wrong", () => {
  const message = (path: string): Promise<string> =>
    openHuggingFaceFolder(path).then(
      () => "it was opened",
      (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(root, "")}`,
    );

  test("no config", async () => {
    expect(await message(await folder("a", { "model.safetensors": {} }))).toMatchInlineSnapshot(
      `"file_not_found: open /a: needed config.json, got no such file; fetch it, or give the folder that holds it"`,
    );
  });

  test("a config that is no JSON, or no object", async () => {
    expect(await message(await folder("b", { "config.json": "{", "model.safetensors": {} }))).toMatch(
      /^bad_json: open \/b: needed JSON in \/b\/config.json, got "/,
    );
    expect(await message(await folder("c", { "config.json": "[1]", "model.safetensors": {} }))).toMatchInlineSnapshot(
      `"bad_json: open /c: needed an object in /c/config.json, got [1]"`,
    );
  });

  test("no weights", async () => {
    expect(await message(await folder("d", { "config.json": config }))).toMatchInlineSnapshot(
      `"file_not_found: open /d: needed model.safetensors or model.safetensors.index.json, got neither; fetch the weights as safetensors"`,
    );
  });

  test("a shard is missing", async () => {
    const files = {
      "config.json": config,
      "model.safetensors.index.json": whole,
      [SHARDS[0]]: { "model.embed": embed },
    };
    expect(await message(await folder("e", files))).toMatchInlineSnapshot(
      `"file_not_found: open /e: needed 2 files that model.safetensors.index.json lists, got all but model-00002-of-00002.safetensors; fetch what is missing"`,
    );
  });

  test("the index names a tensor that its shard does not have", async () => {
    const path = await folder("f", {
      "config.json": config,
      "model.safetensors.index.json": whole,
      [SHARDS[0]]: { "model.embed": embed },
      [SHARDS[1]]: { "model.norm": norm },
    });
    expect(await message(path)).toMatchInlineSnapshot(
      `"tensor_not_found: open /f: needed tensor lm_head in model-00002-of-00002.safetensors, as model.safetensors.index.json says, got none; fetch both files again"`,
    );
  });

  test("an index without a map, or with paths that lead out of the folder", async () => {
    const files = { "config.json": config, [SHARDS[0]]: { "model.embed": embed } };
    expect(await message(await folder("g", { ...files, "model.safetensors.index.json": {} }))).toMatchInlineSnapshot(
      `"bad_index: open /g: needed a weight_map of tensor and file names in model.safetensors.index.json; fetch it again"`,
    );
    const outside = index({ "model.embed": "../one/model.safetensors" });
    expect(
      await message(await folder("h", { ...files, "model.safetensors.index.json": outside })),
    ).toMatchInlineSnapshot(
      `"bad_index: open /h: needed a weight_map of tensor and file names in model.safetensors.index.json; fetch it again"`,
    );
  });

  test("a file is cut short", async () => {
    const path = await folder("i", { "config.json": config, "model.safetensors": { "model.embed": embed } });
    await truncate(join(path, "model.safetensors"), 90);
    expect(await message(path)).toMatchInlineSnapshot(
      `"file_truncated: read /i/model.safetensors: needed 104 bytes, got 90; the file is cut short, fetch it again"`,
    );
  });

  test("a tensor that is no weight, and one that is not there", async () => {
    const path = await folder("j", {
      "config.json": config,
      "model.safetensors": { "a.weight": embed, "b.weight": mask },
    });
    const source = await openHuggingFaceFolder(path);
    await expect(source.read("b.weight")).rejects.toMatchObject({
      code: "unsupported_dtype",
      message: `read ${path}: tensor b.weight: needed float32, float16, bfloat16, got bool; convert it, if it is a weight`,
    });
    await expect(source.read("c.weight")).rejects.toMatchObject({
      code: "tensor_not_found",
      message: `read ${path}: needed tensor c.weight, got 2 others, such as a.weight, b.weight`,
    });
    await expect(source.read("toString")).rejects.toMatchObject({ code: "tensor_not_found" });
    await source.close();
  });
});
