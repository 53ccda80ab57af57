import type { CompileOptions } from "@sae/core";
import { compileGenerator, type LanguageModel } from "@sae/models";
import { inBatches } from "./inBatches.js";
import type { Prompt } from "./prompts.js";

/** How the model is asked. */
export interface CompletionOptions extends CompileOptions {
  /** Tokens of a completion. Default 6. */
  readonly newTokens?: number;
  /** Prompts at once. Default 32. */
  readonly batch?: number;
  /** Completions that are known already, by the prompt's place. */
  readonly known?: ReadonlyMap<number, readonly number[]>;
  /** Called after each batch with what it gave, by the prompt's place. */
  readonly onBatch?: (completions: ReadonlyMap<number, readonly number[]>) => void | Promise<void>;
}

/** Default of `newTokens`. */
export const defaultNewTokens = 6;

/**
 * What the model says after each prompt, greedily, in tokens.
 */
export async function completePrompts(
  model: LanguageModel,
  prompts: readonly Pick<Prompt, "ids">[],
  { newTokens = defaultNewTokens, batch = 32, known = new Map(), onBatch, ...options }: CompletionOptions = {},
): Promise<(readonly number[])[]> {
  const completions: (readonly number[])[] = prompts.map((_, i) => known.get(i) ?? []);
  const open = [...prompts.keys()].filter((i) => !known.has(i));
  if (open.length === 0) return completions;
  const generator = await compileGenerator(model, options);
  const eos = model.tokenizer?.eos ?? null;
  try {
    for (const places of inBatches(open, batch, (i) => (prompts[i] as Prompt).ids.length)) {
      const written = await generator.run(
        places.map((i) => (prompts[i] as Prompt).ids),
        { maxNewTokens: newTokens, ...(eos !== null && { stop: [eos] }) },
      );
      places.forEach((i, row) => {
        completions[i] = written[row] as readonly number[];
      });
      await onBatch?.(new Map(places.map((i, row) => [i, written[row] as readonly number[]])));
    }
  } finally {
    await generator.dispose();
  }
  return completions;
}
