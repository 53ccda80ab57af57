import { joined } from "./schemaOptions.js";

/**
 * Name of the option for a field of an evaluation's config: ("autointerp-llm", ["latents"]) → `autointerpLlmLatents`.
 *
 * @param path from the config on; empty for the beginning that its options share
 */
export const evaluationOptionName = (id: string, path: readonly string[]): string =>
  joined([...id.split("-"), ...path]);
