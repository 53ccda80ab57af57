import type { CompileOptions } from "@sae/core";
import type { LanguageModel } from "@sae/models";
import type { KnownPrompt } from "./knownPrompts.js";
import type { EditPair } from "./pairs.js";
import { promptActivations, readActivations } from "./promptActivations.js";
import { openPairScorer } from "./scorePairs.js";

/** Scores of full patches at one hook. */
export interface HookPatch {
  readonly hook: string;
  /** 1 for each pair whose completion is right, 0 for the others. */
  readonly scores: Float32Array;
}

/**
 * Puts the whole activation of the source in the place of the base's, at the entity, at one hook after the other. Where that changes the answer of cause
 * pairs, the attributes stand at the entity, and features can be edited; in late layers the model has read them already and it changes nothing.
 *
 * @throws SaeError `unknown_hook`, `no_tokenizer`
 */
export async function patchAtHooks(
  model: LanguageModel,
  hooks: readonly string[],
  pairs: readonly EditPair[],
  prompts: readonly KnownPrompt[],
  options: CompileOptions & { readonly newTokens?: number; readonly onHook?: (done: number) => void } = {},
): Promise<HookPatch[]> {
  const { newTokens, onHook, ...compileOptions } = options;
  // No position sees a later one: the sources end at their entities.
  const sources = pairs.map(({ source }) => {
    const { ids, position } = prompts[source] as KnownPrompt;
    return { ids: ids.slice(0, position + 1), position };
  });
  const patches: HookPatch[] = [];
  for (const hook of hooks) {
    const activations = await promptActivations(model, hook, sources, compileOptions);
    const scorer = await openPairScorer(model, hook, prompts, {
      ...compileOptions,
      ...(newTokens !== undefined && { newTokens }),
    });
    try {
      const x = readActivations(activations).atEntity([...sources.keys()]);
      patches.push({ hook, scores: await scorer.score(pairs, x) });
    } finally {
      await scorer.dispose();
    }
    onHook?.(patches.length / hooks.length);
  }
  return patches;
}
