import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interleaved, namedValues } from "./namedWeights.testkit.js";
import { openLlama2c } from "./openLlama2c.js";
import { temporaryFolder } from "./temporaryFolder.testkit.js";

const root = temporaryFolder("llama2c");
const [dim, hidden, layers, heads, kvHeads, vocab, seq] = [8, 12, 2, 2, 1, 5, 3];
const dHead = dim / heads;

const header = (...numbers: number[]): Uint8Array => new Uint8Array(Int32Array.from(numbers).buffer);

/** A checkpoint, out of weights in Hugging Face's layout, in the order of llama2.c. */
function checkpoint(tied: boolean): { bytes: Uint8Array; weights: Record<string, Float32Array> } {
  const weights: Record<string, Float32Array> = {};
  const pieces: Uint8Array[] = [header(dim, hidden, layers, heads, kvHeads, tied ? vocab : -vocab, seq)];
  const add = (name: string, shape: number[], change = (w: Float32Array) => w): void => {
    weights[name] = namedValues(name, shape);
    pieces.push(new Uint8Array(change(weights[name]).buffer));
  };
  const all = (name: string, shape: number[], change?: (w: Float32Array) => Float32Array): void => {
    for (let layer = 0; layer < layers; layer++) add(`model.layers.${layer}.${name}.weight`, shape, change);
  };
  const rotary = (w: Float32Array): Float32Array => interleaved(w, dHead, dim);
  add("model.embed_tokens.weight", [vocab, dim]);
  all("input_layernorm", [dim]);
  all("self_attn.q_proj", [dim, dim], rotary);
  all("self_attn.k_proj", [dHead * kvHeads, dim], rotary);
  all("self_attn.v_proj", [dHead * kvHeads, dim]);
  all("self_attn.o_proj", [dim, dim]);
  all("post_attention_layernorm", [dim]);
  all("mlp.gate_proj", [hidden, dim]);
  all("mlp.down_proj", [dim, hidden]);
  all("mlp.up_proj", [hidden, dim]);
  add("model.norm.weight", [dim]);
  pieces.push(new Uint8Array(4 * seq * dHead).fill(255)); // cosines and sines
  if (!tied) add("lm_head.weight", [vocab, dim]);
  return { bytes: Buffer.concat(pieces), weights };
}

test.each([true, false])("every weight comes back; tied: %s", async (tied) => {
  const path = join(root, `${tied}.bin`);
  const { bytes, weights } = checkpoint(tied);
  await writeFile(path, bytes);
  const source = await openLlama2c(path);
  expect(source.config).toMatchObject({
    model_type: "llama",
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 4,
    vocab_size: 5,
    max_position_embeddings: 3,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: tied,
  });
  expect(Object.keys(source.shapes).sort()).toEqual(Object.keys(weights).sort());
  expect(source.shapes["model.layers.1.self_attn.k_proj.weight"]).toEqual([4, 8]);
  expect(source.shapes["model.layers.0.mlp.down_proj.weight"]).toEqual([8, 12]);
  for (const [name, values] of Object.entries(weights)) expect(await source.read(name), name).toEqual(values);
  await expect(source.read("lm_tail.weight")).rejects.toMatchObject({ code: "tensor_not_found" });
  await source.close();
});

describe("what can be wrong", () => {
  const message = async (name: string, bytes: Uint8Array): Promise<string> => {
    const path = join(root, name);
    await writeFile(path, bytes);
    return openLlama2c(path).then(
      () => "it was opened",
      (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(root, "")}`,
    );
  };
  const { bytes } = checkpoint(true);

  test("no file", async () => {
    await expect(openLlama2c(join(root, "none.bin"))).rejects.toMatchObject({ code: "file_not_found" });
  });

  test("cut short, in the header and after it; too long", async () => {
    expect(await message("a.bin", new Uint8Array(0))).toMatchInlineSnapshot(
      `"file_truncated: open /a.bin: needed 28 bytes, got 0; the file is cut short, fetch it again"`,
    );
    expect(await message("b.bin", bytes.subarray(0, bytes.length - 1))).toMatchInlineSnapshot(
      `"file_truncated: open /b.bin: needed 4236 bytes, got 4235; the file is cut short, fetch it again"`,
    );
    expect(await message("c.bin", Buffer.concat([bytes, Uint8Array.of(0)]))).toMatchInlineSnapshot(
      `"bad_header: open /c.bin: needed 4236 bytes for the sizes in the header, got 4237; this is no checkpoint of llama2.c"`,
    );
  });

  test("sizes that are none", async () => {
    expect(await message("d.bin", header(8, 12, 2, 3, 1, 5, 3))).toMatchInlineSnapshot(
      `"bad_header: open /d.bin: needed sizes of a transformer, got {"dim":8,"hidden":12,"layers":2,"heads":3,"kvHeads":1,"vocab":5,"tied":true,"seq":3}; this is no checkpoint of llama2.c"`,
    );
    expect(await message("e.bin", header(8, 12, 0, 2, 1, 5, 3))).toMatchInlineSnapshot(
      `"bad_header: open /e.bin: needed sizes of a transformer, got {"dim":8,"hidden":12,"layers":0,"heads":2,"kvHeads":1,"vocab":5,"tied":true,"seq":3}; this is no checkpoint of llama2.c"`,
    );
  });

  test("a later format", async () => {
    expect(await message("f.bin", header(0x616b3432, 2, 8, 12, 2, 2, 1))).toMatchInlineSnapshot(
      `"unsupported_version: open /f.bin: needed the first format of llama2.c, got version 2; export it with --version 0"`,
    );
  });
});

const shared = process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../../shared");
const stories = join(shared, "data/lm-stories260K/stories260K.bin");

describe.skipIf(!existsSync(stories))(`stories260K (skipped without ${stories})`, () => {
  test("shapes and finite weights", async () => {
    const source = await openLlama2c(stories);
    expect(source.config).toMatchObject({
      hidden_size: 64,
      intermediate_size: 172,
      num_hidden_layers: 5,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      vocab_size: 512,
      max_position_embeddings: 512,
      tie_word_embeddings: true,
    });
    expect(Object.keys(source.shapes)).toHaveLength(2 + 5 * 9);
    let parameters = 0;
    for (const name of Object.keys(source.shapes)) {
      const values = await source.read(name);
      parameters += values.length;
      expect(values.every(Number.isFinite), name).toBe(true);
      const rms = Math.hypot(...values) / Math.sqrt(values.length);
      expect(rms, name).toBeGreaterThan(0.02);
      expect(rms, name).toBeLessThan(3);
    }
    expect(parameters).toBe(260_032);
    await source.close();
  });
});
