import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";
import { shardIndex, shardNames } from "../shardNames.js";
import type { HubRepo, HubRepoOptions, HubSnapshot } from "./hubRepo.js";
import { openHubRepo } from "./openHubRepo.js";

/** A model's repository, or one GGUF file of it. */
export interface FetchModelOptions extends Omit<HubRepoOptions, "kind"> {
  /** A GGUF file, which holds config and tokenizer itself. */
  readonly file?: string;
}

const tokenizerFiles = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];
const gpt2TokenizerFiles = ["vocab.json", "merges.txt"];

/**
 * What a model is loaded from, and nothing else of its repository: config.json, the tokenizer's files where there are any, and
 * model.safetensors or the shards that its index names; or one GGUF file.
 *
 * @throws SaeError as `fetchFromHub`; `no_safetensors` if the weights are there in other formats only
 */
export async function fetchModelFromHub(options: FetchModelOptions): Promise<HubSnapshot> {
  const repo = await openHubRepo({ ...options, kind: "model" });
  if (options.file !== undefined) return repo.fetch([options.file]);
  const there = await repo.paths();
  const tokenizer = there.includes("tokenizer.json") ? tokenizerFiles : [...tokenizerFiles, ...gpt2TokenizerFiles];
  const small = ["config.json", ...tokenizer.filter((path) => there.includes(path))];
  if (there.includes("model.safetensors")) return repo.fetch([...small, "model.safetensors"]);
  if (there.includes(shardIndex)) return repo.fetch([...small, shardIndex, ...(await shards(repo))]);
  throw noWeights(repo, there);
}

async function shards(repo: HubRepo): Promise<string[]> {
  const { folder } = await repo.fetch([shardIndex]);
  return shardNames(await readFile(join(folder, shardIndex), "utf8"), `fetch ${repo.name}`);
}

function noWeights({ name, settings, folder }: HubRepo, there: readonly string[]): SaeError {
  if (settings.offline) {
    return new SaeError(
      "hub_offline",
      `fetch ${name}: offline, and ${folder} in the cache has no model.safetensors; run once without HF_HUB_OFFLINE`,
    );
  }
  const others = there.filter((path) => /\.(gguf|bin|pt|pth|h5|msgpack|onnx|safetensors)$/.test(path));
  return new SaeError(
    "no_safetensors",
    `fetch ${name}: needed model.safetensors or ${shardIndex}, got ${others.join(", ") || "no weights"}; ask for a GGUF file as "org/name:file.gguf", other formats must be converted first`,
  );
}
