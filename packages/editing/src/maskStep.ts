/*
 * One step of learning a mask through the suffix of a model.
 *
 *   x [batch, seq, dModel]     position, last, target int64 [batch, 1]     fBase, fSource [batch, dLatent]     xSource [batch, dModel]
 *   mask [dLatent]: logits     m.<name>, v.<name>: Adam's moments of each learned array
 */
import {
  adamw,
  type CompileOptions,
  crossEntropy,
  div,
  float32,
  grad,
  int64,
  reshape,
  sigmoid,
  type Tensor,
  type TensorType,
} from "@sae/core";
import { type CutModel, finalHook, type ModelProgram, setPositions, takePositions } from "@sae/models";
import { weightInputs } from "./entityFeatures.js";
import type { Featurizer } from "./featurizer.js";
import { mixFeatures } from "./mixFeatures.js";

/** Name of the mask among the learned arrays. */
export const maskName = "mask logits";

/** Shapes of what is learned: the mask, and the weights of a featurizer that learns with it. */
const learnedShapes = ({ dLatent, weights, trained = {} }: Featurizer): Record<string, readonly number[]> => ({
  [maskName]: [dLatent],
  ...Object.fromEntries(Object.keys(trained).map((name) => [name, weights[name]?.shape ?? []])),
});

const learnedPrefix = "learned ";

/** The parts of the graph, for tests: symbolic arguments in, loss and gradients out. */
export interface MaskLoss {
  readonly loss: Tensor;
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/** Inputs of a step besides tokens and x. */
export function stepInputs(featurizer: Featurizer): Record<string, TensorType> {
  const { dModel, dLatent, trained } = featurizer;
  const learned = Object.entries(learnedShapes(featurizer)).flatMap(([name, shape]) =>
    ["", "m.", "v."].map((prefix) => [learnedPrefix + prefix + name, float32(...shape)]),
  );
  const column = int64("batch", 1);
  return {
    position: column,
    last: column,
    target: column,
    ...(trained
      ? { xSource: float32("batch", dModel) }
      : { fBase: float32("batch", dLatent), fSource: float32("batch", dLatent) }),
    ...Object.fromEntries(learned),
    ...weightInputs(fixedPart(featurizer)).types,
    temperature: float32(),
    lr: float32(),
    correction1: float32(),
    correction2: float32(),
  };
}

/** The weights that are not learned. */
const fixedPart = (featurizer: Featurizer): Featurizer => {
  const { weights, trained = {} } = featurizer;
  const stay = Object.entries(weights).filter(([name]) => !Object.hasOwn(trained, name));
  return { ...featurizer, weights: Object.fromEntries(stay) };
};

/**
 * Cross entropy of the token that shall come next, at the last position of each text, with the mixture in place of the activation at the entity:
 * w = sigmoid(mask / temperature).
 */
export function buildMaskLoss(
  featurizer: Featurizer,
  keepError: boolean,
  {
    x,
    inputs,
    suffix,
  }: {
    readonly x: Tensor;
    readonly inputs: Readonly<Record<string, Tensor>>;
    readonly suffix: (x: Tensor, hooks: Record<string, (x: Tensor) => Tensor>) => Tensor;
  },
): MaskLoss {
  const { dModel } = featurizer;
  const of = (name: string) => inputs[name] as Tensor;
  const names = Object.keys(learnedShapes(featurizer));
  const learned = Object.fromEntries(names.map((name) => [name, of(learnedPrefix + name)]));
  const p = { ...weightInputs(fixedPart(featurizer)).of(inputs), ...learned };
  const xBase = reshape(takePositions(x, of("position")), ["batch", dModel]);
  const features = featurizer.trained
    ? { fBase: featurizer.encode(xBase, p), fSource: featurizer.encode(of("xSource"), p) }
    : { fBase: of("fBase"), fSource: of("fSource") };
  const w = sigmoid(div(learned[maskName] as Tensor, of("temperature"))); // [dLatent]
  const z = mixFeatures(featurizer, { ...features, w, xBase: keepError ? xBase : null }, p); // [batch, dModel]
  const edited = setPositions(x, of("position"), reshape(z, ["batch", 1, dModel]));
  // Nothing after the last norm mixes positions: logits are made for one position of each text.
  const logits = suffix(edited, { [finalHook]: (y) => takePositions(y, of("last")) }); // [batch, 1, dVocab]
  const loss = crossEntropy(logits, of("target"));
  const gradients = grad(loss, Object.values(learned));
  return { loss, gradients: Object.fromEntries(names.map((name, i) => [name, gradients[i] as Tensor])) };
}

/** A compiled step: its outputs are the loss and the learned arrays with their moments, under the names that they come in with. */
export const compileMaskStep = (
  at: CutModel,
  featurizer: Featurizer,
  keepError: boolean,
  options: CompileOptions = {},
): Promise<ModelProgram<string, string>> =>
  at.compile(
    stepInputs(featurizer),
    (args): Record<string, Tensor> => {
      const { loss, gradients } = buildMaskLoss(featurizer, keepError, args);
      const of = (name: string) => args.inputs[name] as Tensor;
      const outputs: Record<string, Tensor> = { loss };
      for (const [name, gradient] of Object.entries(gradients)) {
        const [before, m, v] = ["", "m.", "v."].map((prefix) => learnedPrefix + prefix + name) as [
          string,
          string,
          string,
        ];
        const next = adamw(
          of(before),
          gradient,
          { m: of(m), v: of(v) },
          {
            lr: of("lr"),
            correction1: of("correction1"),
            correction2: of("correction2"),
          },
        );
        const project = featurizer.trained?.[name];
        outputs[before] = project ? project(next.parameter, of(before)) : next.parameter;
        outputs[m] = next.m;
        outputs[v] = next.v;
      }
      return outputs;
    },
    { ...options, fixed: weightInputs(fixedPart(featurizer)).feeds },
  );

/** What is learned before the first step: masks and moments are zeros, weights are as they came. */
export const firstLearned = (featurizer: Featurizer): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(learnedShapes(featurizer)).flatMap(([name, shape]) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      const start = featurizer.weights[name]?.data ?? new Float32Array(size);
      return [
        [learnedPrefix + name, name === maskName ? new Float32Array(size) : start],
        [`${learnedPrefix}m.${name}`, new Float32Array(size)],
        [`${learnedPrefix}v.${name}`, new Float32Array(size)],
      ];
    }),
  );

/** A learned array by its name. */
export const learnedArray = (state: Readonly<Record<string, Float32Array>>, name: string): Float32Array =>
  state[learnedPrefix + name] as Float32Array;
