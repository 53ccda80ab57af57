import { layerNorm, type Tensor } from "@sae/core";
import type { Weights } from "./project.js";

/** Layer norm with the scale `name.weight` and the bias `name.bias`. */
export const namedLayerNorm = (x: Tensor, p: Weights, name: string, epsilon: number): Tensor =>
  layerNorm(x, { scale: p(`${name}.weight`), bias: p(`${name}.bias`), epsilon });

/** Shapes of the weights of {@link namedLayerNorm}. */
export const layerNormWeights = (name: string, dModel: number): Record<string, readonly number[]> => ({
  [`${name}.weight`]: [dModel],
  [`${name}.bias`]: [dModel],
});
