import { SaeError } from "@sae/core";
import type { AnyFamily } from "../defineFamily.js";
import { gemma2 } from "./gemma2.js";
import { gpt2 } from "./gpt2.js";
import { gptNeox } from "./gptNeox.js";
import { llama } from "./llama.js";

/** Every architecture that can be run. A new one is a file beside this and a line here. */
export const families: readonly AnyFamily[] = [llama, gemma2, gpt2, gptNeox];

/**
 * The family of a checkpoint, by `model_type` of its config.json.
 *
 * @throws SaeError `unknown_family`
 */
export function familyOf(config: Readonly<Record<string, unknown>>): AnyFamily {
  const family = families.find(({ name }) => name === config.model_type);
  if (family) return family;
  throw new SaeError(
    "unknown_family",
    `model_type: needed one of ${families.map(({ name }) => name).join(", ")}, got ${JSON.stringify(config.model_type) ?? "none"}; ` +
      `a family that is missing is one file: see "Add a model family" in CONTRIBUTING.md`,
  );
}
