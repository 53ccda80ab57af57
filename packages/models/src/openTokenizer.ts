import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SaeError } from "@sae/core";
import { ggufTokenizer } from "./tokenizers/ggufTokenizer.js";
import { llama2cTokenizer } from "./tokenizers/llama2cTokenizer.js";
import { openHuggingFaceTokenizer } from "./tokenizers/openHuggingFaceTokenizer.js";
import type { Tokenizer } from "./tokenizers/tokenizer.js";
import { type GgufWeights, openGguf } from "./weights/openGguf.js";
import type { WeightSource } from "./weights/weightSource.js";

/** A tokenizer and the files it was read from, by the names that they have in a model's identity. */
export interface OpenTokenizer {
  readonly tokenizer: Tokenizer | null;
  readonly files: Readonly<Record<string, string>>;
}

const noTokenizer: OpenTokenizer = { tokenizer: null, files: {} };

/**
 * Opens a tokenizer wherever it is: a folder with tokenizer.json (or vocab.json and merges.txt), a .gguf file, a tokenizer.bin of llama2.c.
 *
 * @throws SaeError `file_not_found`, and those of the tokenizers
 */
export async function openTokenizer(path: string): Promise<OpenTokenizer> {
  const found = await stat(path).catch((cause) => {
    throw new SaeError(
      "file_not_found",
      `tokenizer: needed a folder with tokenizer.json, a .gguf file or a tokenizer.bin, got nothing at ${path}; check the path`,
      { cause },
    );
  });
  if (found.isDirectory()) {
    return { tokenizer: await openHuggingFaceTokenizer(path), files: await huggingFaceFiles(path) };
  }
  if (!path.endsWith(".gguf")) return { tokenizer: await llama2cTokenizer(path), files: { tokenizer: path } };
  const source = await openGguf(path);
  await source.close();
  if (source.tokenizer === null) {
    throw new SaeError("file_not_found", `tokenizer: ${path} holds none; give one that does`);
  }
  return { tokenizer: ggufTokenizer(source.tokenizer), files: { tokenizer: path } };
}

/**
 * The tokenizer that came with a checkpoint: in its folder, in the GGUF file, beside a file of llama2.c as tok512.bin (with the size of its
 * vocabulary) or tokenizer.bin.
 *
 * @throws SaeError those of the tokenizers; it is no error that there is none
 */
export async function tokenizerOf(source: WeightSource): Promise<OpenTokenizer> {
  if (isGguf(source)) return source.tokenizer ? { tokenizer: ggufTokenizer(source.tokenizer), files: {} } : noTokenizer;
  if ((await stat(source.path)).isDirectory()) {
    const names = Object.keys(await huggingFaceFiles(source.path));
    const complete = names.includes("tokenizer.json") || (names.includes("vocab.json") && names.includes("merges.txt"));
    return complete ? openTokenizer(source.path) : noTokenizer;
  }
  const folder = dirname(source.path);
  const names = await readdir(folder);
  const name = [`tok${source.config.vocab_size}.bin`, "tokenizer.bin"].find((candidate) => names.includes(candidate));
  return name === undefined ? noTokenizer : openTokenizer(join(folder, name));
}

const isGguf = (source: WeightSource): source is GgufWeights => "metadata" in source;

/** The files of a folder that `openHuggingFaceTokenizer` reads. */
async function huggingFaceFiles(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const read = names.includes("tokenizer.json")
    ? ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
    : ["vocab.json", "merges.txt"];
  return Object.fromEntries(read.filter((name) => names.includes(name)).map((name) => [name, join(folder, name)]));
}
