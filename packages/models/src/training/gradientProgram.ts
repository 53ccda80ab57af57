/*
 * The gradient of a language model's loss over a shard of a batch.
 *
 *   micro  pieces that are computed one after another     rows  contexts of a piece     nCtx  tokens of a context
 *   tokens, targets  int64 [micro, rows, nCtx]
 */
import {
  add,
  broadcastLike,
  type CompileOptions,
  compile,
  constant,
  crossEntropy,
  float32,
  grad,
  int64,
  type Program,
  scan,
  type Tensor,
  type TensorType,
} from "@sae/core";
import { wholeTexts } from "../blocks/causality.js";
import type { AnyFamily } from "../defineFamily.js";

/** The model whose gradient is wanted, and how a shard is cut. */
export interface GradientSpec {
  readonly family: AnyFamily;
  /** The family's own config, parsed. */
  readonly config: unknown;
  /** Contexts that are computed at once: few enough that what lies between two products stays near the cache. */
  readonly rows: number;
  /** Tokens of a context. */
  readonly nCtx: number;
}

const keepHook = (_name: string, x: Tensor): Tensor => x;

/** Float32 types of a model's weights by name. */
export const weightTypes = (family: AnyFamily, config: unknown): Record<string, TensorType> =>
  Object.fromEntries(Object.entries(family.weights(config)).map(([name, shape]) => [name, float32(...shape)]));

/** Mean cross entropy in nats of the next tokens: tokens and targets int64 [rows, nCtx]. */
const languageModelLoss = (
  { family, config }: Pick<GradientSpec, "family" | "config">,
  weights: Readonly<Record<string, Tensor>>,
  tokens: Tensor,
  targets: Tensor,
): Tensor =>
  crossEntropy(
    family.forward({
      config,
      tokens,
      causal: wholeTexts(tokens),
      p: (name) => weights[name] as Tensor,
      hook: keepHook,
    }),
    targets,
  );

/** The arguments of a gradient program: the weights by name, and `tokens` and `targets` [micro, rows, nCtx]. */
export const gradientInputs = ({ family, config, rows, nCtx }: GradientSpec): Record<string, TensorType> => ({
  ...weightTypes(family, config),
  tokens: int64("micro", rows, nCtx),
  targets: int64("micro", rows, nCtx),
});

/** Sums over the pieces: the gradient of each weight as `d.<name>`, and `loss`. */
export function buildGradient(spec: GradientSpec, args: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const names = Object.keys(weightTypes(spec.family, spec.config));
  const weights = Object.fromEntries(names.map((name) => [name, args[name] as Tensor]));
  const zeros = Object.fromEntries(
    names.map((name) => [`d.${name}`, broadcastLike(constant(0), weights[name] as Tensor)]),
  );
  const { carry } = scan({
    carry: { ...zeros, loss: constant(0) } as Record<string, Tensor>,
    xs: { tokens: args.tokens as Tensor, targets: args.targets as Tensor },
    body: (sums, { tokens, targets }) => {
      const loss = languageModelLoss(spec, weights, tokens, targets);
      const gradients = grad(loss, Object.values(weights));
      const next = names.map((name, i) => [`d.${name}`, add(sums[`d.${name}`] as Tensor, gradients[i] as Tensor)]);
      return { carry: { ...Object.fromEntries(next), loss: add(sums.loss as Tensor, loss) }, ys: {} };
    },
  });
  return carry;
}

/** Compiles {@link buildGradient}. */
export const compileGradient = (spec: GradientSpec, options: CompileOptions = {}): Promise<Program<string, string>> =>
  compile(gradientInputs(spec), (args) => buildGradient(spec, args), options);
