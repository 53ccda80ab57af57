import { SaeError } from "@sae/core";

/** Name of the file that says which shard holds which tensor. */
export const shardIndex = "model.safetensors.index.json";

/**
 * Names of the files that a checkpoint in shards consists of, sorted.
 *
 * @param json text of `model.safetensors.index.json`
 * @param what for messages, such as "open FOLDER"
 * @throws SaeError `bad_index`
 */
export function shardNames(json: string, what: string): string[] {
  try {
    const { weight_map: map } = JSON.parse(json) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(map))].sort();
  } catch (cause) {
    throw new SaeError(
      "bad_index",
      `${what}: needed a weight_map of tensor and file names in ${shardIndex}, got something else; fetch it again, or take another revision`,
      { cause },
    );
  }
}
