import type { CompileOptions, Tensor, Value } from "@sae/core";
import { SaeError } from "@sae/core";
import { compileModel, type ModelProgram } from "./compileModel.js";
import type { Hooks } from "./hooks.js";
import type { LanguageModel } from "./languageModel.js";
import { type Texts, type TokenBatch, tokenBatch } from "./tokenBatch.js";

/** What a forward pass shall give. */
export interface ForwardOptions<Name extends string, Logits extends boolean = boolean> {
  /** Hooks to read. */
  readonly hooks?: readonly Name[];
  /** Whether logits are wanted, too; true when left out. Without them nothing behind the last hook is computed. */
  readonly logits?: Logits;
  /** Edits, as in `forward` of {@link compileModel}. */
  readonly edits?: Hooks;
}

/** Results for a batch of texts, side by side: what stands at the padding of shorter texts means nothing (see `keep`). */
export interface ForwardResult<Name extends string, Logits extends boolean = boolean> extends TokenBatch {
  /** float32 [batch, seq, dModel] by hook name. */
  readonly at: Readonly<Record<Name, Value>>;
  /** float32 [batch, seq, dVocab]; null when they were not asked for. */
  readonly logits: Logits extends true ? Value : null;
}

/** A compiled forward pass. */
export interface ForwardProgram<Name extends string, Logits extends boolean = boolean>
  extends Pick<ModelProgram<never, never>, "weights" | "dispose"> {
  /**
   * @throws SaeError `bad_token`, `too_long`
   */
  run(texts: Texts): Promise<ForwardResult<Name, Logits>>;
}

const logitsName = "logits";

/**
 * Compiles a forward pass that takes texts of any number and length.
 *
 * @param options what to compute, and those of core's `compile` (all cores are used when `threads` is left out)
 * @throws SaeError `unknown_hook`, `nothing_to_compute`
 */
export async function compileForward<Name extends string = never, Logits extends boolean = true>(
  model: LanguageModel,
  { hooks = [], logits: wantLogits, edits, ...options }: ForwardOptions<Name, Logits> & CompileOptions = {},
): Promise<ForwardProgram<Name, Logits>> {
  if (hooks.length === 0 && wantLogits === false) {
    throw new SaeError("nothing_to_compute", "compileForward: needed hooks to read or logits: true, got neither");
  }
  const program = await compileModel(
    model,
    {},
    ({ read }): Record<string, Tensor> => {
      const { at, logits } = read(hooks, edits);
      return { ...at, ...(wantLogits !== false && { [logitsName]: logits }) };
    },
    options,
  );
  return {
    weights: program.weights,
    dispose: program.dispose,
    run: async (texts) => {
      const batch = tokenBatch(texts, model.sizes);
      const { [logitsName]: logits, ...at } = await program.run({ tokens: batch.tokens });
      return {
        ...batch,
        at: at as Record<Name, Value>,
        logits: (logits ?? null) as ForwardResult<Name, Logits>["logits"],
      };
    },
  };
}

/** One forward pass: {@link compileForward}, run once. For more than one batch compile it. */
export async function runModel<Name extends string = never, Logits extends boolean = true>(
  model: LanguageModel,
  texts: Texts,
  options: ForwardOptions<Name, Logits> & CompileOptions = {},
): Promise<ForwardResult<Name, Logits>> {
  const program = await compileForward(model, options);
  try {
    return await program.run(texts);
  } finally {
    await program.dispose();
  }
}
