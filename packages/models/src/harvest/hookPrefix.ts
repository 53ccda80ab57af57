import type { CompileOptions } from "@sae/core";
import type { LanguageModel } from "../languageModel.js";
import { compileForward } from "../runModel.js";
import type { Prefix } from "./prefix.js";

/** The part of a language model up to a hook, compiled. */
export interface HookPrefix extends Prefix {
  /** Frees the program. */
  dispose(): Promise<void>;
}

/**
 * Compiles the part of a model that a hook needs; later layers' weights are not even read.
 *
 * @param hook TransformerLens's name, such as `blocks.5.hook_resid_post`
 * @param options those of core's `compile`; all cores are used when `threads` is left out
 * @throws SaeError `unknown_hook`; while it runs `bad_token`, `too_long`
 */
export async function hookPrefix(
  model: LanguageModel,
  hook: string,
  options: CompileOptions = {},
): Promise<HookPrefix> {
  const program = await compileForward(model, { hooks: [hook], logits: false, ...options });
  return {
    dModel: model.sizes.dModel,
    identity: { model: model.identity, hook },
    activations: async (tokens, batch, seq) => {
      const texts = Array.from({ length: batch }, (_, i) => tokens.subarray(i * seq, (i + 1) * seq));
      const { at } = await program.run(texts);
      return at[hook].data as Float32Array; // [batch, seq, dModel]
    },
    dispose: program.dispose,
  };
}
