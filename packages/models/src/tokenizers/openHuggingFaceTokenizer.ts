import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { gpt2Tokenizer } from "./gpt2Tokenizer.js";
import { huggingFaceTokenizer } from "./huggingFaceTokenizer.js";
import type { Tokenizer } from "./tokenizer.js";
import { invalidTokenizer } from "./tokenizerPart.js";

/**
 * Opens the tokenizer in a model's folder: tokenizer.json with tokenizer_config.json (or, where there is none, special_tokens_map.json), or
 * GPT-2's vocab.json and merges.txt.
 *
 * @throws SaeError `file_not_found` when neither is there, `read_failed`, `invalid_tokenizer`, `unsupported_tokenizer`
 */
export async function openHuggingFaceTokenizer(folder: string): Promise<Tokenizer> {
  const read = (name: string) => readText(join(folder, name));
  const [tokenizer, config, map] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"].map(read),
  );
  if (tokenizer !== null) {
    const names = {
      ...parse(map ?? "{}", "special_tokens_map.json"),
      ...parse(config ?? "{}", "tokenizer_config.json"),
    };
    return huggingFaceTokenizer(parse(tokenizer, "tokenizer.json"), names);
  }
  const [vocab, merges] = await Promise.all([read("vocab.json"), read("merges.txt")]);
  if (vocab === null || merges === null) {
    throw new SaeError(
      "file_not_found",
      `openHuggingFaceTokenizer: needed tokenizer.json, or vocab.json and merges.txt, got neither in ${folder}; ` +
        "fetch the tokenizer's files",
    );
  }
  return gpt2Tokenizer(parse(vocab, "vocab.json"), merges);
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new SaeError("read_failed", `openHuggingFaceTokenizer: ${path}: ${message}`, { cause });
  }
}

function parse(text: string, name: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidTokenizer(`${name} is no JSON`, cause);
  }
}
