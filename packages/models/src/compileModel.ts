/*
 * A language model as a program: a function of tokens and of whatever else its caller wants to put in, with the model's weights behind it.
 *
 *   tokens int64 [batch, seq]     logits float32 [batch, seq, dVocab]
 */
import { availableParallelism } from "node:os";
import {
  type CompileOptions,
  compileGraph,
  type Feed,
  type FixedInputs,
  float32,
  int64,
  type Program,
  placeholder,
  SaeError,
  type Tensor,
  type TensorType,
  topologicalOrder,
} from "@sae/core";
import { type Causality, wholeTexts } from "./blocks/causality.js";
import { applyHook, checkHookNames, type Hooks } from "./hooks.js";
import type { LanguageModel } from "./languageModel.js";

/** What a function over a model gets. */
export interface ModelArguments<Extra extends string> {
  /** int64 ["batch", "seq"]. */
  readonly tokens: Tensor;
  /** The further inputs by name. */
  readonly inputs: Readonly<Record<Extra, Tensor>>;
  /**
   * The model's forward pass over `tokens`: logits ["batch", "seq", dVocab]. May be called several times (with and without an edit, say):
   * what the calls have in common is computed once.
   *
   * @param causal where the tokens stand and what they see; the positions of whole texts when left out
   * @throws SaeError `unknown_hook`, `shape_mismatch`
   */
  readonly forward: (hooks?: Hooks, causal?: Causality) => Tensor;
  /**
   * Like `forward`, with the tensors at some hooks beside the logits, as the hooks left them. What nobody uses is not computed.
   *
   * @throws SaeError `unknown_hook`, `shape_mismatch`
   */
  readonly read: <Name extends string>(names: readonly Name[], hooks?: Hooks) => HookReading<Name>;
}

/** Tensors ["batch", "seq", dModel] at some hooks, and the logits of the same forward pass. */
export interface HookReading<Name extends string> {
  readonly at: Readonly<Record<Name, Tensor>>;
  readonly logits: Tensor;
}

/** A graph over a model, and the weights that its outputs need. */
export interface ModelGraph<Extra extends string, Outputs extends string> {
  readonly tokens: Tensor;
  readonly inputs: Readonly<Record<Extra, Tensor>>;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<Outputs, Tensor>>;
}

/**
 * Refuses further inputs that have the name of one that is there already.
 *
 * @throws SaeError `reserved_name`
 */
export function checkInputNames(extraInputs: Readonly<Record<string, TensorType>>, reserved: readonly string[]): void {
  const clash = reserved.find((name) => Object.hasOwn(extraInputs, name));
  if (clash === undefined) return;
  throw new SaeError("reserved_name", `inputs: '${clash}' is an input already; give yours another name`);
}

/**
 * The graph of a function over a model. Weights that none of the outputs needs are not part of it: a function that returns the stream after
 * block 10 has nothing of block 11.
 */
export function buildModelGraph<Extra extends Record<string, TensorType>, Outputs extends Record<string, Tensor>>(
  model: LanguageModel,
  extraInputs: Extra,
  build: (args: ModelArguments<keyof Extra & string>) => Outputs,
): ModelGraph<keyof Extra & string, keyof Outputs & string> {
  const { family, config } = model;
  checkInputNames(extraInputs, ["tokens"]);
  const tokens = placeholder("tokens", int64("batch", "seq"));
  const inputs = Object.fromEntries(
    Object.entries(extraInputs).map(([name, type]) => [name, placeholder(name, type)]),
  ) as Record<keyof Extra & string, Tensor>;
  const weights: Readonly<Record<string, Tensor>> = Object.fromEntries(
    Object.entries(family.weights(config)).map(([name, shape]) => [name, placeholder(name, float32(...shape))]),
  );
  const whole = wholeTexts(tokens);
  const forward = (hooks: Hooks = {}, causal: Causality = whole): Tensor => {
    checkHookNames(model, Object.keys(hooks));
    return family.forward({
      config,
      tokens,
      causal,
      p: (name) => {
        if (Object.hasOwn(weights, name)) return weights[name];
        throw new SaeError(
          "internal",
          `${family.name}: its forward uses the weight '${name}', which is not in its list`,
        );
      },
      hook: (name, x) => applyHook(hooks, name, x),
    });
  };
  const read = <Name extends string>(names: readonly Name[], hooks: Hooks = {}): HookReading<Name> => {
    const at: Partial<Record<Name, Tensor>> = {};
    const reading = (name: Name) => (x: Tensor) => {
      const result = hooks[name]?.(x) ?? x;
      at[name] = result;
      return result;
    };
    const logits = forward({ ...hooks, ...Object.fromEntries(names.map((name) => [name, reading(name)])) });
    return { at: at as Record<Name, Tensor>, logits };
  };
  const outputs = build({ tokens, inputs, forward, read });
  const needed = new Set(topologicalOrder(Object.values(outputs)).map((node) => node.outputs[0]));
  return {
    tokens,
    inputs,
    outputs,
    weights: Object.fromEntries(Object.entries(weights).filter(([, weight]) => needed.has(weight))),
  };
}

/** A compiled function over a model. */
export interface ModelProgram<Inputs extends string, Outputs extends string> extends Program<Inputs, Outputs> {
  /** Names of the weights that it reads. */
  readonly weights: readonly string[];
}

const weightPrefix = "weight ";

/**
 * Compiles a function over a model. Its weights are fixed inputs: on the CPU one copy in memory, `model`'s own, serves every program, for as long as
 * there is one (also after `model.close()`); on a GPU each program has a copy there.
 *
 * @param extraInputs name and type of each further input; the sizes "batch" and "seq" are those of the tokens
 * @param build from symbolic tokens, inputs and the model's forward function to named outputs
 * @param options as those of core's `compile`; all cores are used when `threads` is left out. Further inputs may be `fixed`, too
 * @throws SaeError those of `build`, of reading weights, of core's `compile`
 * @example The stream after block 0 when what attention adds there is left out
 * const program = await compileModel(model, {}, ({ read }) => {
 *   const { at } = read(["blocks.0.hook_resid_post"], { "blocks.0.hook_attn_out": (y) => mul(y, 0) });
 *   return { x: at["blocks.0.hook_resid_post"] };
 * });
 * const { x } = await program.run({ tokens: tokenBatch([[1, 5, 2]], model.sizes).tokens });
 */
export async function compileModel<
  Extra extends Record<string, TensorType>,
  Outputs extends Record<string, Tensor>,
  Fixed extends keyof Extra & string = never,
>(
  model: LanguageModel,
  extraInputs: Extra,
  build: (args: ModelArguments<keyof Extra & string>) => Outputs,
  options: CompileOptions & FixedInputs<Fixed> = {},
): Promise<ModelProgram<"tokens" | Exclude<keyof Extra & string, Fixed>, keyof Outputs & string>> {
  const graph = buildModelGraph(model, extraInputs, build);
  const names = Object.keys(graph.weights);
  const prefixed = Object.fromEntries(names.map((name) => [weightPrefix + name, graph.weights[name]]));
  const inputs: Record<string, Tensor> = { tokens: graph.tokens, ...graph.inputs, ...prefixed };
  const fixed: Record<string, Feed> = { ...options.fixed };
  for (const name of names) fixed[weightPrefix + name] = await model.weight(name);
  const program = await compileGraph(
    { inputs, outputs: graph.outputs },
    { ...options, threads: options.threads ?? availableParallelism(), fixed },
  );
  return { ...program, weights: names };
}
