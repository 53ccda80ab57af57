import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { fileSha256 } from "./fileSha256.js";
import type { LanguageModel } from "./languageModel.js";
import { loadedModel } from "./loadedModel.js";
import { openTokenizer, tokenizerOf } from "./openTokenizer.js";
import { shardIndex, shardNames } from "./shardNames.js";
import { openWeights } from "./weights/openWeights.js";

/** A checkpoint on the disk. */
export interface ModelFilesOptions {
  /** How the model was asked for. */
  readonly name: string;
  /** Folder, .gguf file or .bin file, as `openWeights` takes it. */
  readonly path: string;
  /**
   * Where its tokenizer is: a folder with tokenizer.json, a .gguf file, or a tokenizer.bin of llama2.c; null for none. When left out, the
   * one that came with the checkpoint, if one did.
   */
  readonly tokenizer?: string | null;
  /** Where the files came from: goes into the identity beside the hashes. */
  readonly origin?: Readonly<Record<string, unknown>>;
}

/**
 * A language model from files. Its identity holds the sha256 of each file that counts, and no path.
 *
 * @throws SaeError those of `openWeights`, of the tokenizers and of `loadedModel`; `tokenizer_mismatch`
 */
export async function loadModelFiles(options: ModelFilesOptions): Promise<LanguageModel> {
  const { name, path, origin = {} } = options;
  const source = await openWeights(path);
  try {
    const { tokenizer, files } = await (options.tokenizer === undefined
      ? tokenizerOf(source)
      : options.tokenizer === null
        ? { tokenizer: null, files: {} }
        : openTokenizer(options.tokenizer));
    const sha256: Record<string, string> = {};
    for (const [role, file] of Object.entries({ ...(await weightFiles(source.path)), ...files })) {
      sha256[role] = await fileSha256(file);
    }
    const model = loadedModel({ name, source, tokenizer, identity: { ...origin, sha256 } });
    checkVocabulary(model);
    return model;
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The files that weights and config are read from, by their names in the identity: a single file is called "weights", whatever its name. */
async function weightFiles(path: string): Promise<Record<string, string>> {
  if (!(await stat(path)).isDirectory()) return { weights: path };
  const names = await readdir(path);
  const read = names.includes("model.safetensors")
    ? ["config.json", "model.safetensors"]
    : ["config.json", shardIndex, ...shardNames(await readFile(join(path, shardIndex), "utf8"), `open ${path}`)];
  return Object.fromEntries(read.map((name) => [name, join(path, name)]));
}

/** Tokens that the model does not know may only be special ones, which some checkpoints added later and never use. */
function checkVocabulary({ name, tokenizer, sizes: { dVocab } }: LanguageModel): void {
  if (tokenizer === null) return;
  for (let id = dVocab; id < tokenizer.dVocab; id++) {
    if (tokenizer.special.has(id)) continue;
    throw new SaeError(
      "tokenizer_mismatch",
      `load ${name}: needed a tokenizer of ${dVocab} tokens, got one of ${tokenizer.dVocab}; give the model's own`,
    );
  }
}
