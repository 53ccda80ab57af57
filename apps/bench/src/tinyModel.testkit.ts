import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fillNormal, fold, key, sequence, writeSafetensors } from "@sae/core";
import { familyOf } from "@sae/models";

/** Letters, a space, and a token that begins a text. */
const letters = [..."abcdefghijklmnopqrstuvwxyzĠ"];
const begin = "<s>";

const config = {
  model_type: "llama",
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  vocab_size: letters.length + 1,
  max_position_embeddings: 32,
};

/** Writes a random Llama in Hugging Face layout, whose tokens are letters. */
export async function writeTinyModel(folder: string): Promise<string> {
  const family = familyOf(config);
  const shapes: Readonly<Record<string, readonly number[]>> = family.weights(family.config.parse(config));
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const data = fillNormal(fold(key("tiny"), name), new Float32Array(shape.reduce((a, b) => a * b, 1)));
    return [name, { dtype: "float32", shape, data }] as const;
  });
  const vocab = Object.fromEntries([...letters, begin].map((token, id) => [token, id]));
  const tokenizer = {
    added_tokens: [{ id: letters.length, content: begin, special: true }],
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab, merges: [] },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify({ bos_token: begin, add_bos_token: true }));
  await writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(tensors));
  return folder;
}

/** Writes a text of so many random words. */
export async function writeTinyText(path: string, words: number): Promise<string> {
  const next = sequence(key("words"));
  const letter = () => letters[next() % 26];
  const text = Array.from({ length: words }, () => Array.from({ length: 1 + (next() % 6) }, letter).join("")).join(" ");
  await writeFile(path, text);
  return path;
}
