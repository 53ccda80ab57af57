/*
 *   x [rows, dModel]     f [rows, dLatent]
 */
import { matmul, type Tensor } from "@sae/core";
import { nearestOrthogonal } from "./nearestOrthogonal.js";

/** An array of a featurizer's parameters. */
export interface FeaturizerWeight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Features of activations, in which a mask chooses: the latents of an SAE, the directions of a rotated basis, single neurons. Both functions are
 * symbolic. The number of rows is known when a fixed featurizer encodes; otherwise it may have a name instead.
 */
export interface Featurizer {
  /** For readers. */
  readonly name: string;
  readonly dModel: number;
  readonly dLatent: number;
  readonly weights: Readonly<Record<string, FeaturizerWeight>>;
  /** Features [rows, dLatent] of activations [rows, dModel]. `p` are the weights by name. */
  encode(x: Tensor, p: Readonly<Record<string, Tensor>>): Tensor;
  /** Activations [rows, dModel] of features [rows, dLatent]. */
  decode(f: Tensor, p: Readonly<Record<string, Tensor>>): Tensor;
  /**
   * Weights that are learned together with the mask, each with what brings it back to where it has to be after a step. Left out for a featurizer that is
   * fixed, whose features are then computed once for each prompt.
   */
  readonly trained?: Readonly<Record<string, (updated: Tensor, before: Tensor) => Tensor>>;
}

/** Every neuron of the activations is a feature: what the same mask does without an SAE. */
export const neurons = (dModel: number): Featurizer => ({
  name: "neurons",
  dModel,
  dLatent: dModel,
  weights: {},
  encode: (x) => x,
  decode: (f) => f,
});

/**
 * The directions of an orthogonal basis that is learned with the mask, from the identity on: multi-task distributed alignment search (MDAS; Huang et al.
 * 2024, arXiv 2402.17700, after Geiger et al. 2023, arXiv 2303.02536). After each step the matrix is replaced by the orthogonal one that is nearest to it.
 */
export function rotatedBasis(dModel: number): Featurizer {
  const identity = new Float32Array(dModel * dModel);
  for (let i = 0; i < dModel; i++) identity[i * dModel + i] = 1;
  return {
    name: "rotated basis (MDAS)",
    dModel,
    dLatent: dModel,
    weights: { rotation: { shape: [dModel, dModel], data: identity } },
    encode: (x, { rotation }) => matmul(x, rotation as Tensor),
    decode: (f, { rotation }) => matmul(f, rotation as Tensor, { transB: true }),
    trained: { rotation: nearestOrthogonal },
  };
}

/** The same featurizer with the weights that it has learned, fixed. */
export const fixed = (featurizer: Featurizer, learned: Readonly<Record<string, Float32Array>>): Featurizer => {
  const { trained: _, weights, ...rest } = featurizer;
  return {
    ...rest,
    weights: Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: learned[name] ?? data }]),
    ),
  };
};
