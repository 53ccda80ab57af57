/*
 * A model in two parts: the prefix gives what stands at a hook, the suffix goes on from there.
 *
 *   tokens, targets int64 [batch, seq]     keep bool [batch, seq]     x, dx [batch, seq, dModel]     logits [batch, seq, dVocab]
 */
import {
  bool,
  type CompileOptions,
  crossEntropy,
  type FixedInputs,
  float32,
  grad,
  int64,
  type Tensor,
  type TensorType,
} from "@sae/core";
import { checkInputNames, compileModel, type ModelArguments, type ModelProgram } from "./compileModel.js";
import { type Disposable, disposeAll } from "./disposeAll.js";
import { checkHookNames, type Hooks } from "./hooks.js";
import type { LanguageModel } from "./languageModel.js";

/** What a function over a suffix gets. */
export interface SuffixArguments<Extra extends string> extends Pick<ModelArguments<Extra>, "tokens" | "inputs"> {
  /** What stood at the hook: float32 ["batch", "seq", dModel]. */
  readonly x: Tensor;
  /** Logits with this at the hook: x itself, or whatever was made of it. Further hooks may edit what comes later. */
  readonly suffix: (x: Tensor, hooks?: Hooks) => Tensor;
}

/** A model cut at a hook. Programs are compiled when they are first asked for, and again after one could not be; they share the model's weights. */
export interface CutModel {
  readonly hook: string;
  /** tokens → x. Reads no weight that lies behind the hook. */
  prefix(): Promise<ModelProgram<"tokens", "x">>;
  /** x → logits. Of the tokens only what does not come through x counts: often just their number. */
  suffix(): Promise<ModelProgram<"tokens" | "x", "logits">>;
  /**
   * x → the mean cross entropy of the targets over the positions to keep, in nats, and its gradient with respect to x. A position that is not
   * kept needs a valid target all the same (0 will do).
   */
  gradient(): Promise<ModelProgram<"tokens" | "x" | "targets" | "keep", "loss" | "dx">>;
  /**
   * A function of x of your own: with an edit between prefix and suffix, several suffixes, other losses, gradients. The caller disposes of it.
   *
   * @example A vector added to x everywhere
   * at.compile({ v: float32(dModel) }, ({ x, inputs, suffix }) => ({ logits: suffix(add(x, inputs.v)) }));
   */
  compile<
    Extra extends Record<string, TensorType>,
    Outputs extends Record<string, Tensor>,
    Fixed extends keyof Extra & string = never,
  >(
    extraInputs: Extra,
    build: (args: SuffixArguments<keyof Extra & string>) => Outputs,
    options?: CompileOptions & FixedInputs<Fixed>,
  ): Promise<ModelProgram<"tokens" | "x" | Exclude<keyof Extra & string, Fixed>, keyof Outputs & string>>;
  /** Frees the programs of `prefix`, `suffix` and `gradient`, which are compiled again when they are asked for after that. */
  dispose(): Promise<void>;
}

/** Calls `make` when its result is first asked for, and again after it failed or was disposed of. */
function once<T extends Disposable>(make: () => Promise<T>) {
  let result: Promise<T> | null = null;
  const get = (): Promise<T> => {
    if (result !== null) return result;
    const making = make();
    result = making;
    making.catch(() => {
      if (result === making) result = null;
    });
    return making;
  };
  const dispose = async (): Promise<void> => {
    // Whoever asked for what could not be made has the error: there is nothing to free.
    const made = result?.catch(() => null);
    result = null;
    await (await made)?.dispose();
  };
  return Object.assign(get, { dispose });
}

/**
 * Cuts a model at a hook. What lies before the hook is replaced by x in the suffix, and dies there unless something reaches the logits by another
 * way (the stream beside what attention adds to it, for one): that much is computed from the tokens again. So the suffix of x is the whole model
 * at every hook.
 *
 * @param options those of core's `compile`; all cores are used when `threads` is left out
 * @throws SaeError `unknown_hook`
 * @example
 * const at = cut(model, "blocks.5.hook_resid_post");
 * const { x } = await (await at.prefix()).run({ tokens });
 * const { logits } = await (await at.suffix()).run({ tokens, x });
 */
export function cut(model: LanguageModel, hook: string, options: CompileOptions = {}): CutModel {
  checkHookNames(model, [hook]);
  const compile: CutModel["compile"] = async (extraInputs, build, own) => {
    checkInputNames(extraInputs, ["tokens", "x"]);
    return compileModel(
      model,
      { ...extraInputs, x: float32("batch", "seq", model.sizes.dModel) },
      ({ tokens, inputs, forward }) =>
        build({
          tokens,
          inputs,
          x: inputs.x,
          suffix: (x, hooks) => forward({ ...hooks, [hook]: () => x }),
        }),
      { ...options, ...own },
    );
  };
  const prefix = once(() => compileModel(model, {}, ({ read }) => ({ x: read([hook]).at[hook] }), options));
  const suffix = once(() => compile({}, ({ x, suffix }) => ({ logits: suffix(x) })));
  const gradient = once(() =>
    compile({ targets: int64("batch", "seq"), keep: bool("batch", "seq") }, ({ x, inputs, suffix }) => {
      const loss = crossEntropy(suffix(x), inputs.targets, inputs.keep);
      const [dx] = grad(loss, [x]);
      return { loss, dx };
    }),
  );
  return {
    hook,
    prefix,
    suffix,
    gradient,
    compile,
    dispose: async () => {
      await disposeAll([prefix, suffix, gradient]);
    },
  };
}
