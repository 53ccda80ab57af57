import { fold, key } from "@sae/core";
import type { LanguageModel } from "@sae/models";
import { completePrompts } from "./completePrompts.js";
import { knowingHook, knowingTable } from "./knowingModel.testkit.js";
import { knownPrompts } from "./knownPrompts.js";
import { drawPairs } from "./pairs.js";
import { promptActivations } from "./promptActivations.js";
import { buildPrompts } from "./prompts.js";
import { splitTable } from "./splitTable.js";

/** One token of a completion is enough: every value is one word. */
export const newTokens = 1;

/** What comes before masks: what the model knows, pairs, activations. */
export async function knowingPairs(model: LanguageModel, pairs: { train: number; test: number }) {
  const root = key("knowing");
  const table = splitTable(knowingTable, fold(root, "split"));
  const { prompts } = buildPrompts(table, model, { key: fold(root, "prompts"), newTokens });
  const completions = await completePrompts(model, prompts, { newTokens, threads: 1 });
  const { tokenizer } = model;
  if (tokenizer === null) throw new Error("no tokenizer");
  const known = knownPrompts(prompts, completions, tokenizer);
  const drawn = drawPairs(known.prompts, { key: fold(root, "pairs"), pairs });
  const activations = await promptActivations(model, knowingHook, drawn.prompts, { threads: 1 });
  return { ...drawn, known, activations };
}
