import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeBfloat16, encodeFloat16 } from "@sae/core";
import { describe, expect, test } from "vitest";
import { blockOf } from "./ggml/ggmlBlocks.testkit.js";
import { dHead, dModel, dVocab, llamaRows, type Row, rms, tensorsOf } from "./gguf/convertedModels.testkit.js";
import { float32Tensor, type GgufContent, ggufFile, type Typed } from "./gguf/ggufFile.testkit.js";
import { llama3Factors } from "./gguf/ropeScaling.js";
import { namedValues } from "./namedWeights.testkit.js";
import { openGguf } from "./openGguf.js";
import { temporaryFolder } from "./temporaryFolder.testkit.js";

const root = temporaryFolder("gguf");
let files = 0;

async function write(content: GgufContent): Promise<string> {
  const path = join(root, `${files++}.gguf`);
  await writeFile(path, ggufFile(content));
  return path;
}

describe("llama", () => {
  const open = async (metadata: Record<string, Typed>, rows: readonly Row[] = llamaRows, more = {}) => {
    const source = await openGguf(
      await write({ metadata: { ...rms("llama"), ...metadata }, tensors: { ...tensorsOf(rows), ...more } }),
    );
    await source.close();
    return source;
  };

  test("a head of its own, and biases, whose rows are in rotary order too", async () => {
    const bias = Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13);
    const rows: Row[] = [
      ...llamaRows,
      ["lm_head.weight", "output.weight", [dVocab, dModel]],
      ["model.layers.0.self_attn.q_proj.bias", "blk.0.attn_q.bias", [dModel], () => ({ values: bias })],
    ];
    const source = await openGguf(await write({ metadata: rms("llama"), tensors: tensorsOf(rows) }));
    expect(source.config).toMatchObject({ tie_word_embeddings: false, attention_bias: true });
    expect(await source.read("model.layers.0.self_attn.q_proj.bias")).toEqual(
      Float32Array.of(0, 2, 1, 3, 10, 12, 11, 13),
    );
    await source.close();
  });

  test("what the metadata may leave out", async () => {
    const { "llama.attention.head_count_kv": _, "llama.attention.key_length": __, ...metadata } = rms("llama");
    const source = await openGguf(await write({ metadata, tensors: tensorsOf(llamaRows) }));
    expect(source.config).toMatchObject({ num_key_value_heads: 2, head_dim: 4, rope_theta: 10_000 });
    expect(source.tokenizer).toBeNull();
    await source.close();
  });

  test("one number for each layer, when they are all the same", async () => {
    const { config } = await open({ "llama.attention.head_count_kv": ["array", "uint32", [1, 1]] });
    expect(config.num_key_value_heads).toBe(1);
    await expect(open({ "llama.attention.head_count_kv": ["array", "uint32", [1, 2]] })).rejects.toThrow(
      "needed a number, the same for all layers as llama.attention.head_count_kv, got 1,2",
    );
  });

  test("the rotary factors of Llama 3 go into the config, and other tables that follow from it are left out", async () => {
    const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
    const { config, shapes } = await open({ "llama.rope.freq_base": ["float32", 5e7] }, llamaRows, {
      "rope_freqs.weight": float32Tensor([2], Float32Array.from(llama3Factors(dHead, 5e7, scaling))),
      "blk.0.attn_rot_embd.weight": float32Tensor([2], new Float32Array(2)),
    });
    expect(config.rope_scaling).toEqual({ rope_type: "llama3", ...scaling });
    expect(Object.keys(shapes)).toHaveLength(llamaRows.length);
  });

  test("experts, and features that are not turned", async () => {
    await expect(open({ "llama.expert_count": ["uint32", 8] })).rejects.toMatchObject({
      code: "unsupported_config",
      message: expect.stringContaining("needed a dense llama that turns all features, got 8 experts"),
    });
    await expect(open({ "llama.rope.dimension_count": ["uint32", 2] })).rejects.toThrow("got 2 of 4");
  });

  test("the tokenizer's metadata", async () => {
    const tokens = ["<unk>", "<s>", "</s>", "▁a", "b"];
    const { tokenizer, metadata } = await open({
      "tokenizer.ggml.model": ["string", "llama"],
      "tokenizer.ggml.tokens": ["array", "string", tokens],
      "tokenizer.ggml.scores": ["array", "float32", [0, 0, 0, -1, -2]],
      "tokenizer.ggml.token_type": ["array", "int32", [2, 3, 3, 1, 1]],
    });
    expect(tokenizer).toEqual({
      "tokenizer.ggml.model": "llama",
      "tokenizer.ggml.tokens": tokens,
      "tokenizer.ggml.scores": [0, 0, 0, -1, -2],
      "tokenizer.ggml.token_type": [2, 3, 3, 1, 1],
    });
    expect(metadata["llama.embedding_length"]).toBe(dModel);
  });
});

test("types other than float32, also in rotary order", async () => {
  const width = 256;
  const [d, m] = encodeFloat16([0.5, 0.25]);
  const rows = Array.from({ length: 4 }, (_, row) =>
    blockOf.Q4_K({ d, m, level: (i) => i + row, scale: (g) => g + row, minimum: () => row }),
  );
  const exact = Float32Array.from({ length: width }, (_, i) => (i - 128) / 2);
  const source = await openGguf(
    await write({
      metadata: {
        ...rms("llama"),
        "llama.embedding_length": ["uint32", width],
        "llama.attention.head_count": ["uint32", 1],
        "llama.attention.head_count_kv": ["uint32", 1],
      },
      tensors: {
        "token_embd.weight": { shape: [1, width], type: 1, bytes: new Uint8Array(encodeFloat16(exact).buffer) },
        "output.weight": { shape: [1, width], type: 30, bytes: new Uint8Array(encodeBfloat16(exact).buffer) },
        "blk.0.attn_q.weight": { shape: [4, width], type: 12, bytes: Buffer.concat(rows.map(({ bytes }) => bytes)) },
      },
    }),
  );
  expect(source.types).toEqual({
    "model.embed_tokens.weight": "F16",
    "lm_head.weight": "BF16",
    "model.layers.0.self_attn.q_proj.weight": "Q4_K",
  });
  expect(await source.read("model.embed_tokens.weight")).toEqual(exact);
  expect(await source.read("lm_head.weight")).toEqual(exact);
  const inOrder = [0, 2, 1, 3].flatMap((row) => rows[row].values);
  expect(await source.read("model.layers.0.self_attn.q_proj.weight")).toEqual(Float32Array.from(inOrder));
  await source.close();
});

test("a header longer than what is read at first", async () => {
  const tokens = Array.from({ length: 60_000 }, (_, i) => `a token with a long text, number ${i}`);
  const metadata: Record<string, Typed> = { ...rms("llama"), "tokenizer.ggml.tokens": ["array", "string", tokens] };
  const source = await openGguf(await write({ metadata, tensors: tensorsOf(llamaRows) }));
  expect(source.tokenizer?.["tokenizer.ggml.tokens"]).toEqual(tokens);
  expect(await source.read("model.norm.weight")).toEqual(namedValues("model.norm.weight", [dModel]));
  await source.close();
});

describe("what can be wrong", () => {
  const message = (path: string): Promise<string> =>
    openGguf(path).then(
      () => "it was opened",
      (error: Error & { code: string }) => `${error.code}: ${error.message.replaceAll(/\/.*\/\d+\.gguf/g, "FILE")}`,
    );
  const small = { metadata: rms("llama"), tensors: tensorsOf(llamaRows) };

  test("no file; no GGUF file", async () => {
    await expect(openGguf(join(root, "none.gguf"))).rejects.toMatchObject({ code: "file_not_found" });
    const path = join(root, "0000.gguf");
    await writeFile(path, "");
    expect(await message(path)).toMatchInlineSnapshot(
      `"file_truncated: open FILE: the header goes on after the 0 bytes of the file; fetch it again"`,
    );
    await writeFile(path, "nothing of the kind");
    expect(await message(path)).toMatchInlineSnapshot(
      `"bad_header: open FILE: needed "GGUF" at the start, got "noth"; this is no whole GGUF file"`,
    );
  });

  test("cut short, in the header and in the data", async () => {
    const path = await write(small);
    await truncate(path, ggufFile(small).length - 33); // one byte of the last tensor, which fills its 32 bytes
    expect(await message(path)).toMatchInlineSnapshot(
      `"file_truncated: open FILE: needed 5728 bytes, got 5695; the file is cut short, fetch it again"`,
    );
    await truncate(path, 100);
    expect(await message(path)).toMatchInlineSnapshot(
      `"file_truncated: open FILE: the header goes on after the 100 bytes of the file; fetch it again"`,
    );
  });

  test("another architecture, none", async () => {
    expect(await message(await write({ metadata: rms("qwen2") }))).toMatchInlineSnapshot(
      `"unsupported_architecture: open FILE: needed a model of architecture llama, gemma2, gpt2, gptneox, got qwen2; use another model"`,
    );
    expect(await message(await write({}))).toMatchInlineSnapshot(
      `"unsupported_architecture: open FILE: needed a model of architecture llama, gemma2, gpt2, gptneox, got none; use another model"`,
    );
  });

  test("one of several files", async () => {
    const metadata: Record<string, Typed> = { ...rms("llama"), "split.count": ["uint16", 3] };
    expect(await message(await write({ metadata }))).toMatchInlineSnapshot(
      `"unsupported_file: open FILE: needed a model in one file, got one of 3; join them with llama-gguf-split --merge"`,
    );
  });

  test("a type that cannot be read, rows that are no whole blocks, a tensor at an odd place", async () => {
    const tensor = { shape: [2, 256], type: 18, bytes: new Uint8Array(196) };
    expect(await message(await write({ ...small, tensors: { "output.weight": tensor } }))).toMatchInlineSnapshot(
      `"unsupported_dtype: open FILE: tensor output.weight: needed one of F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ2_XXS, got ggml type 18; use another quantisation of the model"`,
    );
    const rows = { shape: [256, 2], type: 12, bytes: new Uint8Array(288) };
    expect(await message(await write({ ...small, tensors: { "output.weight": rows } }))).toMatchInlineSnapshot(
      `"bad_header: open FILE: tensor output.weight: needed rows of whole blocks of 256 values at a multiple of 32 bytes, got [256, 2] at 0; this is no whole GGUF file"`,
    );
    const odd = { "output.weight": float32Tensor([1, 2], new Float32Array(2)), ...small.tensors };
    expect(await message(await write({ ...small, tensors: odd, alignment: 8 }))).toMatchInlineSnapshot(
      `"bad_header: open FILE: tensor token_embd.weight: needed rows of whole blocks of 1 values at a multiple of 32 bytes, got [5, 8] at 8; this is no whole GGUF file"`,
    );
  });

  test("a tensor that the architecture does not have", async () => {
    const tensors = { ...small.tensors, "blk.0.attn_q_norm.weight": float32Tensor([4], new Float32Array(4)) };
    expect(await message(await write({ ...small, tensors }))).toMatchInlineSnapshot(
      `"unknown_tensor: open FILE: needed tensors of architecture llama only, got blk.0.attn_q_norm.weight; it cannot be left out of the model"`,
    );
  });

  test("metadata that is missing or of another type", async () => {
    const { "llama.block_count": _, ...missing } = small.metadata;
    expect(await message(await write({ ...small, metadata: missing }))).toMatchInlineSnapshot(
      `"bad_metadata: open FILE: needed a number as llama.block_count, got none"`,
    );
    const text: Record<string, Typed> = { ...small.metadata, "llama.block_count": ["string", "two"] };
    expect(await message(await write({ ...small, metadata: text }))).toMatchInlineSnapshot(
      `"bad_metadata: open FILE: needed a number, the same for all layers as llama.block_count, got two"`,
    );
    const number: Record<string, Typed> = { ...small.metadata, "llama.rope.scaling.type": ["uint32", 1] };
    expect(await message(await write({ ...small, metadata: number }))).toMatchInlineSnapshot(
      `"bad_metadata: open FILE: needed a text as llama.rope.scaling.type, got 1"`,
    );
    expect(await message(await write({ ...small, tensors: {} }))).toMatchInlineSnapshot(
      `"bad_metadata: open FILE: needed tensor token_embd.weight, got none"`,
    );
  });

  test("a weight that is not there", async () => {
    const path = await write(small);
    const source = await openGguf(path);
    await expect(source.read("lm_head.weight")).rejects.toMatchObject({ code: "tensor_not_found" });
    await source.close();
  });
});
