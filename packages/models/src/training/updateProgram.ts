/*
 * One AdamW step, from the gradients of the shards.
 *
 *   d0.<name>, d1.<name>, …  sums over the pieces of a shard     m.<name>, v.<name>  moments     lr, correction1, correction2  scalars
 */
import {
  adamw,
  add,
  type CompileOptions,
  clipGlobalNorm,
  compile,
  float32,
  mul,
  type Program,
  type Tensor,
  type TensorType,
} from "@sae/core";
import type { AnyFamily } from "../defineFamily.js";
import { weightTypes } from "./gradientProgram.js";
import type { TrainingRecipe } from "./trainingRecipe.js";

/** Types of all that one step hands to the next: weights and moments. */
export const stateTypes = (family: AnyFamily, config: unknown): Record<string, TensorType> =>
  Object.fromEntries(
    Object.entries(weightTypes(family, config)).flatMap(([name, type]) =>
      [name, `m.${name}`, `v.${name}`].map((key) => [key, type]),
    ),
  );

/** The arguments of an update: the state, each shard's gradients and the numbers of the step. */
export const updateInputs = (
  family: AnyFamily,
  config: unknown,
  { shards }: TrainingRecipe,
): Record<string, TensorType> => ({
  ...stateTypes(family, config),
  ...Object.fromEntries(
    Object.entries(weightTypes(family, config)).flatMap(([name, type]) =>
      Array.from({ length: shards }, (_, shard) => [`d${shard}.${name}`, type]),
    ),
  ),
  lr: float32(),
  correction1: float32(),
  correction2: float32(),
});

/**
 * The new state, and the norm of the gradient before it was clipped. The shards' gradients are added in their order, wherever and whenever they
 * were computed: the bits do not depend on how many workers there are. Weight decay is for matrices only.
 */
export function buildUpdate(
  family: AnyFamily,
  config: unknown,
  recipe: TrainingRecipe,
  args: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const { shards, pieces, clip, weightDecay, beta1, beta2, eps } = recipe;
  const types = weightTypes(family, config);
  const names = Object.keys(types);
  const { lr, correction1, correction2 } = args as Record<"lr" | "correction1" | "correction2", Tensor>;
  const means = names.map((name) => {
    const parts = Array.from({ length: shards }, (_, shard) => args[`d${shard}.${name}`] as Tensor);
    return mul(parts.reduce(add), 1 / (shards * pieces));
  });
  const { gradients, norm } = clipGlobalNorm(means, clip);
  const next: Record<string, Tensor> = { gradNorm: norm };
  names.forEach((name, i) => {
    const decays = (types[name] as TensorType).shape.length > 1;
    const updated = adamw(
      args[name] as Tensor,
      gradients[i] as Tensor,
      { m: args[`m.${name}`] as Tensor, v: args[`v.${name}`] as Tensor },
      { lr, correction1, correction2, beta1, beta2, eps, weightDecay: decays ? weightDecay : 0 },
    );
    next[name] = updated.parameter;
    next[`m.${name}`] = updated.m;
    next[`v.${name}`] = updated.v;
  });
  return next;
}

/** Compiles {@link buildUpdate}. */
export const compileUpdate = (
  family: AnyFamily,
  config: unknown,
  recipe: TrainingRecipe,
  options: CompileOptions = {},
): Promise<Program<string, string>> =>
  compile(updateInputs(family, config, recipe), (args) => buildUpdate(family, config, recipe, args), options);
