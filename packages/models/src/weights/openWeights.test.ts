import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeSafetensors } from "@sae/core";
import { describe, expect, test } from "vitest";
import { float32Tensor, ggufFile } from "./gguf/ggufFile.testkit.js";
import { openWeights } from "./openWeights.js";
import { temporaryFolder } from "./temporaryFolder.testkit.js";

const root = temporaryFolder("open-weights");
const gguf = ggufFile({
  metadata: {
    "general.architecture": ["string", "gpt2"],
    "gpt2.embedding_length": ["uint32", 2],
    "gpt2.feed_forward_length": ["uint32", 8],
    "gpt2.block_count": ["uint32", 0],
    "gpt2.attention.head_count": ["uint32", 1],
    "gpt2.attention.layer_norm_epsilon": ["float32", 1e-5],
    "gpt2.context_length": ["uint32", 4],
  },
  tensors: { "token_embd.weight": float32Tensor([3, 2], new Float32Array(6)) },
});

async function modelTypeOf(path: string): Promise<unknown> {
  const source = await openWeights(path);
  await source.close();
  return source.config.model_type;
}

describe("what is there decides", () => {
  test("a folder as transformers writes it", async () => {
    await writeFile(join(root, "config.json"), JSON.stringify({ model_type: "gemma2" }));
    await writeSafetensors(join(root, "model.safetensors"), {});
    expect(await modelTypeOf(root)).toBe("gemma2");
  });

  test("a GGUF file, whatever it is called", async () => {
    await writeFile(join(root, "model.gguf"), gguf);
    expect(await modelTypeOf(join(root, "model.gguf"))).toBe("gpt2");
    await writeFile(join(root, "5a1f"), gguf);
    expect(await modelTypeOf(join(root, "5a1f"))).toBe("gpt2");
  });

  test("a folder with one GGUF file", async () => {
    const folder = join(root, "folder");
    await mkdir(folder);
    await writeFile(join(folder, "q4.gguf"), gguf);
    expect(await modelTypeOf(folder)).toBe("gpt2");
    await writeFile(join(folder, "q8.gguf"), gguf);
    await expect(openWeights(folder)).rejects.toMatchObject({
      code: "unknown_format",
      message: `open ${folder}: needed one .gguf file, got q4.gguf, q8.gguf; name one`,
    });
  });

  test("a file of llama2.c", async () => {
    const sizes = Int32Array.of(2, 1, 1, 1, 1, 1, 1); // one of each, in the smallest model that there can be
    const floats = 2 + 2 + 4 * 4 + 2 + 3 * 2 + 2 + 2;
    const path = join(root, "smallest.bin");
    await writeFile(path, Buffer.concat([new Uint8Array(sizes.buffer), new Uint8Array(4 * floats)]));
    expect(await modelTypeOf(path)).toBe("llama");
  });
});

describe("nothing of the kind", () => {
  const kinds = "a folder with config.json and safetensors, a .gguf file, or a .bin file of llama2.c";

  test("nothing at all", async () => {
    await expect(openWeights(join(root, "none"))).rejects.toMatchObject({
      code: "file_not_found",
      message: `open ${root}/none: needed ${kinds}, got nothing there; check the path`,
    });
  });

  test("an empty folder", async () => {
    const folder = join(root, "empty");
    await mkdir(folder);
    await expect(openWeights(folder)).rejects.toThrow("needed config.json, got no such file");
  });

  test("a shard by itself, another file, an empty file", async () => {
    await expect(openWeights(join(root, "model.safetensors"))).rejects.toMatchObject({
      code: "unknown_format",
      message: `open ${root}/model.safetensors: needed ${kinds}, got another file; give the folder that holds it`,
    });
    await writeFile(join(root, "model.pt"), "PK");
    await expect(openWeights(join(root, "model.pt"))).rejects.toThrow("got another file; convert it");
    await writeFile(join(root, "empty.pt"), "");
    await expect(openWeights(join(root, "empty.pt"))).rejects.toThrow("got another file; convert it");
  });
});
