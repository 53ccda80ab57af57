/*
 * One optimiser step, and the program that makes many of them.
 *
 *   x [batch, dModel]   weights stored with one row per latent: W_enc [dSae, dModel] (transposed), W_dec [dSae, dModel], b_enc [dSae], b_dec [dModel]
 *
 * Order of a step (recipe.md): gradients → W_dec's gradient without its component along the row → clip the total norm → AdamW → W_dec rows to unit
 * norm → the baseline's projection.
 */
import {
  adamw,
  add,
  type CompileOptions,
  cast,
  clipFactor,
  compile,
  concat,
  type Density,
  div,
  firedLatents,
  float32,
  globalNorm,
  grad,
  greaterOrEqual,
  mean,
  meanActive,
  minimum,
  mul,
  normalizeRows,
  type Program,
  removeParallel,
  reshape,
  scan,
  square,
  sub,
  sum,
  type Tensor,
  type TensorType,
  transpose,
  where,
} from "@sae/core";
import { withAuxiliaryLoss } from "./auxiliary.js";
import { checkKeys } from "./checkDefinition.js";
import type { Constraint } from "./constraint.js";
import type { AnySae, SaeParams } from "./defineSae.js";
import { deadAfter, longestCount, type Recipe } from "./recipe.js";

/** What is recorded of every step, in the order of the log vector. */
export const logColumns = ["loss", "mse", "l0", "explainedVariance", "aux", "gradNorm", "dead"] as const;
/** Name of a logged value. */
export type LogColumn = (typeof logColumns)[number];

/** All that a training program depends on. */
export interface TrainSpec {
  readonly variant: AnySae;
  readonly config: { readonly l0: number; readonly [option: string]: unknown };
  readonly constraint: Constraint;
  readonly recipe: Recipe;
  readonly dModel: number;
  readonly dSae: number;
}

/** Shape of a parameter as it is stored: matrices have one row per latent. */
export function storedShapes({ variant, config, dModel, dSae }: TrainSpec): Record<string, readonly number[]> {
  const extra = variant.extraParams?.({ dModel, dSae }, config) ?? {};
  return {
    W_enc: [dSae, dModel],
    b_enc: [dSae],
    W_dec: [dSae, dModel],
    b_dec: [dModel],
    ...Object.fromEntries(Object.entries(extra).map(([name, { shape }]) => [name, shape])),
  };
}

/** Names of the parameters that are trained. */
function trainableNames(spec: TrainSpec): string[] {
  const { frozen = [] } = spec.constraint;
  if (frozen === "all") return [];
  const isTrained = (name: string) => ("allBut" in frozen ? frozen.allBut.includes(name) : !frozen.includes(name));
  return Object.keys(storedShapes(spec)).filter(isTrained);
}

/** Names of the parameters that the constraint projects, of those that the variant has. */
export const projectedNames = (spec: TrainSpec): string[] => {
  const shapes = storedShapes(spec);
  return Object.keys(spec.constraint.project ?? {}).filter((name) => Object.hasOwn(shapes, name));
};

/** Type of everything that is carried from step to step: parameters, moments, counters, the variant's scalars. */
export function stateTypes(spec: TrainSpec): Record<string, TensorType> {
  const shapes = storedShapes(spec);
  const moments = trainableNames(spec).flatMap((name) =>
    [`m.${name}`, `v.${name}`].map((key) => [key, float32(...shapes[name])]),
  );
  const scalars = Object.keys(spec.variant.state?.(spec.config) ?? {}).map((name) => [`state.${name}`, float32()]);
  return {
    ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, float32(...shape)])),
    ...Object.fromEntries(moments),
    sinceFired: float32(spec.dSae),
    ...Object.fromEntries(scalars),
  };
}

type Tensors = Record<string, Tensor>;

/** Values that change from step to step without being state: one row of each for every step. */
export const scheduleNames = ["lr", "correction1", "correction2", "sparsity"] as const;

/**
 * The symbolic step: state, batch and schedule in; new state and log vector out.
 *
 * @param initial starting values of the parameters that the constraint projects
 */
function trainStep(
  spec: TrainSpec,
  state: Tensors,
  x: Tensor,
  schedule: Tensors,
  initial: Tensors,
  density: Density,
): { state: Tensors; log: Tensor } {
  const { variant, config, constraint, recipe } = spec;
  const { batch } = recipe;
  const stored = Object.fromEntries(Object.keys(storedShapes(spec)).map((name) => [name, state[name]]));
  const p = { ...stored, W_enc: transpose(stored.W_enc) } as SaeParams;
  const scalars = Object.fromEntries(
    Object.keys(variant.state?.(config) ?? {}).map((name) => [name, state[`state.${name}`]]),
  );
  const args = { x, p, state: scalars, config, batch, density };
  const encoded = variant.encode(args);
  checkKeys(`encode of '${variant.name}'`, encoded, ["codes", "near"]);
  const lossArgs = { ...args, ...encoded, schedule: { lr: div(schedule.lr, recipe.lr), sparsity: schedule.sparsity } };
  const lossOfVariant = variant.loss(lossArgs);
  checkKeys(`loss of '${variant.name}'`, lossOfVariant, ["xHat", "mse", "penalties"]);
  const { xHat, mse, penalties = {} } = lossOfVariant;
  const loss = Object.values(penalties).reduce((total, penalty) => add(total, penalty), mse);

  const names = trainableNames(spec);
  const trained = Object.fromEntries(names.map((name) => [name, stored[name]]));
  let gradients = grad(loss, Object.values(trained));
  const isDead = cast(greaterOrEqual(state.sinceFired, deadAfter(recipe)), "float32"); // [dSae]
  let total = loss;
  let aux: Tensor = mul(mse, 0);
  if (variant.auxiliary && recipe.aux > 0 && names.length > 0) {
    const kAux = recipe.kAux ?? Math.max(1, Math.floor(spec.dModel / 2));
    const before = Object.fromEntries(names.map((name, i) => [name, gradients[i]]));
    const auxiliary = withAuxiliaryLoss({ x, xHat, p, dead: isDead, kAux, weight: recipe.aux, gradients: before });
    aux = auxiliary.loss;
    total = add(loss, mul(aux, recipe.aux));
    gradients = names.map((name) => auxiliary.gradients[name]);
  }
  gradients = gradients.map((gradient, i) =>
    names[i] === "W_dec" ? removeParallel(gradient, stored.W_dec) : gradient,
  );
  const norm = globalNorm(gradients);
  const { beta1, beta2, eps, weightDecay } = recipe;
  const { lr, correction1, correction2 } = schedule;
  const scale = clipFactor(norm, recipe.clip);
  const options = { lr, correction1, correction2, beta1, beta2, eps, weightDecay, scale };

  const next: Tensors = { ...state };
  names.forEach((name, i) => {
    const updated = adamw(stored[name], gradients[i], { m: state[`m.${name}`], v: state[`v.${name}`] }, options);
    const unit = name === "W_dec" ? normalizeRows(updated.parameter) : updated.parameter;
    const project = constraint.project?.[name];
    next[name] = project ? project({ w: unit, initial: initial[name] }) : unit;
    next[`m.${name}`] = updated.m;
    next[`v.${name}`] = updated.v;
  });

  const l0 = meanActive(encoded.codes);
  next.sinceFired = where(
    greaterOrEqual(firedLatents(encoded.codes), 0.5),
    0,
    minimum(add(state.sinceFired, batch), longestCount),
  );
  const nextScalars = variant.nextState?.({ ...lossArgs, l0 }) ?? {};
  checkKeys(`nextState of '${variant.name}'`, nextScalars, Object.keys(scalars));
  for (const [name, value] of Object.entries(nextScalars)) next[`state.${name}`] = value;

  const spread = sum(square(sub(x, mean(x, [0], true))));
  const explainedVariance = sub(1, div(sum(square(sub(x, xHat))), spread));
  const log: Record<LogColumn, Tensor> = {
    loss: total,
    mse,
    l0,
    explainedVariance,
    aux,
    gradNorm: norm,
    dead: sum(isDead),
  };
  return {
    state: next,
    log: concat(
      logColumns.map((column) => reshape(log[column], [1])),
      0,
    ),
  };
}

/**
 * Compiles a program that makes as many steps as its inputs have rows: `x [steps, batch, dModel]`, the schedule `[steps]`, the state, and
 * `initial.<name>` for projected parameters. Returns the new state and `log [steps, columns]`.
 */
export function compileTraining(
  spec: TrainSpec,
  density: Density,
  options: CompileOptions,
): Promise<Program<string, string>> {
  const types = stateTypes(spec);
  const projected = projectedNames(spec);
  const inputs: Record<string, TensorType> = {
    ...types,
    ...Object.fromEntries(projected.map((name) => [`initial.${name}`, types[name]])),
    x: float32("steps", spec.recipe.batch, spec.dModel),
    inverseScale: float32(),
    ...Object.fromEntries(scheduleNames.map((name) => [name, float32("steps")])),
  };
  return compile(
    inputs,
    (args) => {
      const initial = Object.fromEntries(projected.map((name) => [name, args[`initial.${name}`]]));
      const { carry, ys } = scan({
        carry: Object.fromEntries(Object.keys(types).map((name) => [name, args[name]])),
        xs: { x: args.x, ...Object.fromEntries(scheduleNames.map((name) => [name, args[name]])) } as Tensors,
        body: (state, { x, ...schedule }) => {
          const step = trainStep(spec, state, mul(x, args.inverseScale), schedule, initial, density);
          return { carry: step.state, ys: { log: step.log } };
        },
      });
      return { ...carry, ...ys };
    },
    options,
  );
}
